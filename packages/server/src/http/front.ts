/** What every route works with. */
import type { EnginePool } from '../engine/engine-pool.ts';
import type { Draining } from './draining.ts';
import type { FrontSettings } from './front-settings.ts';
import type { JobRunner } from './job-runner.ts';
import type { ServerMetrics } from './metrics.ts';
import type { ServerLog } from './request-log.ts';
import type { Spool } from './spool.ts';

export interface Front {
  readonly settings: FrontSettings;
  readonly pool: EnginePool;
  readonly spool: Spool;
  readonly jobs: JobRunner;
  readonly metrics: ServerMetrics;
  readonly log: ServerLog;
  readonly draining: Draining;
  readonly version: string;
  /** Of the page that `/` shows: name → text. */
  readonly pageFiles: ReadonlyMap<string, string>;
}
