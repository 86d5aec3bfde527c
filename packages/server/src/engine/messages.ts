/** What the front and an engine process say to each other, as JSON. Sound never travels here: it lies in files, which messages name. */
import type { ModelFacts, ServedModelOptions } from './engine-pool.ts';
import type { PackedFailure } from './packed-failure.ts';
import type {
  AlignedClip,
  AlignmentJob,
  TranscribedClip,
  TranscribedPart,
  TranscriptionJob,
} from './transcription-job.ts';

/** Sound that was decoded before: raw little-endian float32, mono. */
export interface PreparedSound {
  readonly file: string;
  readonly sampleCount: number;
  /** In Hz. */
  readonly sampleRate: number;
}

export interface EngineLimits {
  /** Undefined: as it is measured. */
  readonly maxBatch: number | undefined;
  readonly maxBatchSeconds: number | undefined;
}

export type ClipMessage = {
  readonly id: string;
  readonly modelId: string;
  readonly sound: PreparedSound;
  readonly isLow: boolean;
} & (
  | { readonly type: 'transcribe'; readonly options: TranscriptionJob['options'] }
  | {
      readonly type: 'align';
      readonly text: string;
      readonly options: AlignmentJob['options'];
    }
);

export type ToEngine =
  /** Comes first. */
  | {
      readonly type: 'configure';
      readonly models: readonly ServedModelOptions[];
      readonly limits: EngineLimits;
    }
  /** Loads a model before its first clip comes. */
  | {
      readonly type: 'load';
      readonly modelId: string;
      /** As a process before has measured it. */
      readonly maxBatch: number | undefined;
    }
  | ClipMessage
  | { readonly type: 'abort'; readonly id: string }
  /** Frees the device and ends the process. */
  | { readonly type: 'stop' };

export type EnginePart = Omit<TranscribedPart, 'progress'> & { readonly seconds: number };
export type EngineClip = Omit<TranscribedClip, 'durationSeconds' | 'stages' | 'warnings'>;
export type EngineAlignment = Omit<AlignedClip, 'durationSeconds' | 'stages' | 'warnings'>;

/** A batch that begins or has ended: who is in it is to blame if the process dies meanwhile. */
export interface BatchMessage {
  readonly type: 'batch';
  readonly status: 'begin' | 'end';
  readonly modelId: string;
  readonly ids: readonly string[];
  readonly pieceCount: number;
  readonly audioSeconds: number;
  readonly paddedSeconds: number;
  readonly milliseconds: number;
  /** Pieces that wait for a batch by now. */
  readonly waitingPieces: number;
}

export type FromEngine =
  /** The script runs. */
  | { readonly type: 'started' }
  /** A model comes in, now and then: nothing else is said until it is loaded. */
  | { readonly type: 'loading'; readonly modelId: string }
  | {
      readonly type: 'loaded';
      readonly modelId: string;
      readonly facts: ModelFacts;
      readonly adapter: string;
      /** Seconds of sound for a second of work, as the check of the device measured it. */
      readonly speed: number;
      /** The most pieces of a batch. */
      readonly maxBatch: number;
    }
  | { readonly type: 'load-failed'; readonly modelId: string; readonly failure: PackedFailure }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'device-lost' }
  | BatchMessage
  | { readonly type: 'part'; readonly id: string; readonly part: EnginePart }
  | {
      readonly type: 'transcribed';
      readonly id: string;
      readonly clip: EngineClip;
      readonly warnings: readonly string[];
    }
  | {
      readonly type: 'aligned';
      readonly id: string;
      readonly clip: EngineAlignment;
      readonly warnings: readonly string[];
    }
  | { readonly type: 'failed'; readonly id: string; readonly failure: PackedFailure };
