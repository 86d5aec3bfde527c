/** A server from its options: the pool, the front, and how both end. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EnginePool, PoolEvent } from './engine/engine-pool.ts';
import { checkAccess } from './http/access.ts';
import { toApiError } from './http/api-error.ts';
import { Draining } from './http/draining.ts';
import { lockFolder } from './http/folder-lock.ts';
import type { FrontSettings } from './http/front-settings.ts';
import { makeHttpServer } from './http/http-server.ts';
import { JobRunner } from './http/job-runner.ts';
import { ServerMetrics } from './http/metrics.ts';
import { type LogSink, ServerLog } from './http/request-log.ts';
import { Spool } from './http/spool.ts';
import { listenError } from './http/start-error.ts';

export interface ServerParts {
  readonly settings: FrontSettings;
  readonly version: string;
  /** @param hooks where the pool says what happens. */
  readonly makePool: (hooks: {
    readonly onEvent: (event: PoolEvent) => void;
    readonly onLog: (line: string) => void;
  }) => EnginePool;
  readonly pageFiles?: ReadonlyMap<string, string> | undefined;
  readonly metricsPort?: number | undefined;
  readonly logSink: LogSink;
}

export interface RunningServer {
  /** With the port that was taken. */
  readonly url: string;
  readonly metricsUrl: string | undefined;
  readonly pool: EnginePool;
  /** Resolves when the models are loaded, or have failed to. */
  readonly loaded: Promise<void>;
  /** Ends what was accepted, up to `graceMilliseconds`, then everything. */
  readonly stop: (graceMilliseconds: number) => Promise<void>;
}

/** Listens at once: `/ready` says when the models are there. @throws StartError, or another error of the system, which keeps the server from listening. */
export async function startServer({
  settings,
  version,
  makePool,
  pageFiles = new Map(),
  metricsPort,
  logSink,
}: ServerParts): Promise<RunningServer> {
  const log = new ServerLog(logSink, settings);
  const spool = new Spool(settings.spoolFolder, settings);
  const lock = lockFolder(settings.jobsFolder);
  let onEvent: (event: PoolEvent) => void = () => undefined;
  const pool = makePool({
    onEvent: (event) => onEvent(event),
    onLog: (message) => log.event('engine', { message }),
  });
  const metrics = new ServerMetrics(
    () => pool.stats(),
    () => spool.openUploadCount,
  );
  onEvent = metrics.onPoolEvent;
  const jobs = new JobRunner(pool, settings, log);
  const draining = new Draining();
  const server = makeHttpServer({ settings, pool, spool, jobs, metrics, log, draining, version, pageFiles });
  const metricsServer = metricsPort === undefined ? undefined : makeMetricsServer(metrics, settings);
  let port: number;
  let ownMetricsPort: number | undefined;
  try {
    await spool.prepare();
    // Before the first request: an upload of a job that is coming in looks like one that never ended.
    await jobs.open();
    port = await listen(server, settings.port, settings.host);
    ownMetricsPort = metricsServer && (await listen(metricsServer, metricsPort ?? 0, settings.host));
  } catch (error) {
    server.close();
    await spool.remove();
    lock.release();
    throw error;
  }
  const loaded = pool.start();
  // A failure shows where it is awaited, and in `/ready`.
  loaded.catch(() => undefined);
  await jobs.start();
  const urlOf = (portNumber: number): string =>
    `http://${settings.host.includes(':') ? `[${settings.host.replace(/[[\]]/g, '')}]` : settings.host}:${portNumber}`;
  return {
    url: urlOf(port),
    metricsUrl: ownMetricsPort === undefined ? undefined : urlOf(ownMetricsPort),
    pool,
    loaded,
    async stop(graceMilliseconds) {
      const end = performance.now() + graceMilliseconds;
      server.closeIdleConnections();
      await Promise.all([draining.drain(graceMilliseconds), jobs.stop()]);
      server.close();
      server.closeAllConnections();
      await pool.stop(Math.max(0, end - performance.now()));
      metricsServer?.close();
      metricsServer?.closeAllConnections();
      await spool.remove();
      lock.release();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen(port, host.replace(/[[\]]/g, ''), () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Only `/metrics`, for networks where the rest is not to be seen. */
function makeMetricsServer(metrics: ServerMetrics, settings: FrontSettings): Server {
  return createServer((incoming, outgoing) => {
    const answer = async (): Promise<void> => {
      checkAccess(incoming.headers, incoming.url ?? '', settings);
      const text = incoming.url === '/metrics' ? await metrics.registry.metrics() : undefined;
      outgoing.writeHead(text === undefined ? 404 : 200, { 'content-type': metrics.registry.contentType });
      outgoing.end(text);
    };
    answer().catch((error: unknown) => {
      const { status, body } = toApiError(error);
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
}
