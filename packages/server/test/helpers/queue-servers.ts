/** The queue servers that this machine has. There is one at least: a dev dependency carries a PostgreSQL. */
import { postgresServers } from './postgres.ts';
import { redisServers } from './redis.ts';

export interface QueueServer {
  readonly kind: 'redis' | 'postgres';
  readonly url: string;
  /** Also after `kill`, with what it had kept. */
  start(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Ends it, and removes its folder. */
  stop(): Promise<void>;
}

/** @throws if there is none: a queue that no test has seen is not tested. */
export function queueServers(): { readonly name: string; readonly create: () => Promise<QueueServer> }[] {
  const servers = [...postgresServers(), ...redisServers()];
  if (servers.length === 0)
    throw new Error('No queue server: install the dev dependencies, or PostgreSQL, Redis or Valkey.');
  return servers;
}
