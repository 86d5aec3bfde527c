/** The queue servers that this machine has. There is one at least: a dev dependency carries a PostgreSQL. */
import { afterAll, beforeAll } from 'vitest';
import { postgresServers } from './postgres.ts';
import { redisServers } from './redis.ts';

export interface QueueServer {
  readonly kind: 'redis' | 'postgres';
  readonly url: string;
  /** Also after `shutDown` and `kill`, with what it had kept. */
  start(): Promise<void>;
  /** Ends it as a restart by its administrator does: connections are closed, and work under way in them with them. */
  shutDown(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** What it has in memory; of servers that keep all there. */
  usedBytes?(): Promise<number>;
  /** Ends it, and removes its folder. */
  stop(): Promise<void>;
}

export interface FoundServer {
  readonly name: string;
  readonly create: () => Promise<QueueServer>;
}

/**
 * The first server of each kind, or all others.
 * @throws if there is none: a queue that no test has seen is not tested.
 */
export function queueServers(which: 'first' | 'others'): readonly FoundServer[] {
  const kinds = [postgresServers(), redisServers()];
  if (kinds.every((servers) => servers.length === 0))
    throw new Error('No queue server: install the dev dependencies, or PostgreSQL, Redis or Valkey.');
  return kinds.flatMap((servers) => (which === 'first' ? servers.slice(0, 1) : servers.slice(1)));
}

/** Starts a server before the tests of this file, and ends it after them. */
export function useQueueServer(): { readonly url: string } {
  let server: QueueServer | undefined;
  beforeAll(async () => {
    // The last one starts soonest: a Redis where there is one.
    const found = queueServers('first').at(-1);
    if (!found) throw new Error('There is no queue server.');
    server = await found.create();
    await server.start();
  });
  afterAll(() => server?.stop());
  return {
    get url() {
      if (!server) throw new Error('The queue server has not been started.');
      return server.url;
    },
  };
}
