/** What a device is told at its start, and whom it tells. */
import type { EngineError } from './engine-error.ts';
import type { ModelFacts, PoolEvent, ServedModelOptions } from './engine-pool.ts';
import type { EngineLimits, FromEngine } from './messages.ts';
import type { PoolJob } from './pool-job.ts';

export interface DeviceSettings {
  readonly device: string;
  readonly childModule: string;
  readonly models: readonly ServedModelOptions[];
  readonly limits: EngineLimits;
  /** -1: never. */
  readonly keepAliveMilliseconds: number;
  /** A process that has work and says nothing for so long hangs. */
  readonly silenceMilliseconds: number;
  readonly restartMilliseconds: number;
  readonly stopMilliseconds: number;
}

/** What the pool is told. */
export interface DeviceHooks {
  readonly onEvent: (event: PoolEvent) => void;
  readonly onLog: (line: string) => void;
  readonly onLoaded: (modelId: string, facts: ModelFacts) => void;
  readonly onLoadFailed: (modelId: string, error: Error, isOfDevice: boolean) => void;
  /** Jobs that must run again, those that may be to blame for the death marked as suspects. */
  readonly onLost: (jobs: readonly PoolJob[]) => void;
  /** A clip has ended its engine, alone. */
  readonly onCrash: (job: PoolJob, error: EngineError) => void;
  /** A job has its outcome. */
  readonly onOutcome: (
    job: PoolJob,
    message: Extract<FromEngine, { type: 'transcribed' | 'aligned' | 'failed' }>,
  ) => void;
  /** There may be room for more. */
  readonly onRoom: () => void;
}
