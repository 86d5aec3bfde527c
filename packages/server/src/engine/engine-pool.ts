/** The engine as the front sees it: jobs go in, clips come out, whatever happens to the processes behind it. The front itself never loads Dawn. */
import type { AlignedClip, AlignmentJob, TranscribedClip, TranscriptionJob } from './transcription-job.ts';

export interface ServedModelOptions {
  /** The name that clients use. */
  readonly id: string;
  /** Folder, Hugging Face id or URL, as `pipeline()` takes it. */
  readonly location: string;
  readonly dtype?: string | undefined;
  /** Of a multilingual model. */
  readonly targetLanguage?: string | undefined;
  /** How texts are found, as `pipeline()` takes it. Default: as the model's files say. */
  readonly decoder?: DecoderSettings | undefined;
}

/** The likeliest token of each frame, or a search for the likeliest text. */
export type DecoderSettings =
  | 'greedy'
  | { readonly type: 'beam'; readonly language_model?: string; readonly beam_width?: number };

export interface ServedModel extends ServedModelOptions {
  /** `idle` is loaded by the next job; `failed` says why in `failure`. */
  readonly status: 'loading' | 'loaded' | 'idle' | 'failed';
  readonly failure?: string | undefined;
  /** Known once the model was loaded, and from then on. */
  readonly facts?: ModelFacts | undefined;
}

export interface ModelFacts {
  readonly samplingRate: number;
  readonly units: 'words' | 'phonemes';
  /** Languages that the model declares, as it spells them; empty where it declares none. */
  readonly languages: readonly string[];
  readonly dtype: string;
  /** Whether its texts are searched for with beams: hotwords count, but there are neither times of characters nor probabilities. */
  readonly searches: boolean;
}

export interface EnginePoolOptions {
  readonly models: readonly ServedModelOptions[];
  /** Names of adapters, or parts of them: one engine process each. `auto` is the best adapter. Default: `['auto']`. */
  readonly devices?: readonly string[] | undefined;
  /** A folder of the pool's own for prepared clips: it is made, and emptied at start. */
  readonly spoolFolder: string;
  /** Bytes of prepared clips. Default: 8 GiB. */
  readonly maxSpoolBytes?: number | undefined;
  /** What waits may take so many seconds to be served. Default: 120. */
  readonly queueSeconds?: number | undefined;
  /** How long a job may wait for an engine; one that runs has no limit. Default: 10 minutes. 0: for ever. */
  readonly deadlineMilliseconds?: number | undefined;
  /** After so many milliseconds without a job the engine processes end. 0: at once; -1: never. Default: 5 minutes. */
  readonly keepAliveMilliseconds?: number | undefined;
  /** An engine process that has work and says nothing for so long, or ten times as long as a batch should take, is ended. Default: 5 minutes. */
  readonly silenceMilliseconds?: number | undefined;
  /** Before an engine process that has died is started again; twice as long for each further death. Default: 0.5 s. */
  readonly restartMilliseconds?: number | undefined;
  /** An engine process that is told to stop is killed after so long. Default: 5 s. */
  readonly stopMilliseconds?: number | undefined;
  /** Pieces of a batch, and its seconds with padding. Default: as many as make the device faster, at most 8; and as many seconds as the adapter has memory for, at most 30. */
  readonly maxBatch?: number | undefined;
  readonly maxBatchSeconds?: number | undefined;
  /** Files that are decoded at once. Default: the machine's cores, at most 4. */
  readonly decodesAtOnce?: number | undefined;
  /** The script of an engine process. Default: the one of this package. */
  readonly childModule?: string | undefined;
  /** One line of text for people, such as that an engine has ended and why. */
  readonly onLog?: ((line: string) => void) | undefined;
  readonly onEvent?: ((event: PoolEvent) => void) | undefined;
}

/** What metrics count. */
export type PoolEvent =
  | {
      readonly type: 'batch';
      readonly device: string;
      readonly modelId: string;
      readonly pieceCount: number;
      readonly audioSeconds: number;
      /** Seconds of the batch, padding included, for each second of sound in it. */
      readonly paddingRatio: number;
      readonly milliseconds: number;
    }
  | { readonly type: 'restart'; readonly device: string; readonly reason: string }
  | { readonly type: 'device-lost'; readonly device: string }
  | {
      readonly type: 'stage';
      readonly stage: 'decode' | 'queue' | 'engine';
      readonly seconds: number;
    }
  | { readonly type: 'done'; readonly modelId: string; readonly audioSeconds: number }
  | { readonly type: 'aborted' }
  | { readonly type: 'rejected'; readonly code: string };

export interface DeviceStats {
  readonly device: string;
  readonly state: 'starting' | 'ready' | 'idle' | 'failed' | 'stopped';
  /** The adapter, as the engine names it. */
  readonly adapter?: string | undefined;
  readonly processId?: number | undefined;
  readonly jobsRunning: number;
  readonly restarts: number;
}

export interface PoolStats {
  readonly devices: readonly DeviceStats[];
  readonly jobsDecoding: number;
  readonly jobsWaiting: number;
  readonly jobsRunning: number;
  /** Pieces that wait in the engines for a batch. */
  readonly piecesWaiting: number;
  /** Sound that was accepted and is not recognised yet, in seconds. */
  readonly audioSecondsWaiting: number;
  /** Seconds of sound for a second of work, of all devices together, as measured. */
  readonly speed: number;
  readonly spoolBytes: number;
}

export interface EnginePool {
  /** Resolves when the devices have passed their check with every model, or have failed: `notReady` says why. */
  start(): Promise<void>;
  /** Takes no more jobs, ends those that take longer than `graceMilliseconds` with `draining`, then the processes. */
  stop(graceMilliseconds: number): Promise<void>;
  readonly models: readonly ServedModel[];
  /** Why no job would be served now; undefined if one would. */
  readonly notReady: string | undefined;
  /** @throws EngineError; UniSpeechError; the signal's reason. */
  transcribe(job: TranscriptionJob): Promise<TranscribedClip>;
  /** As above. */
  align(job: AlignmentJob): Promise<AlignedClip>;
  stats(): PoolStats;
}
