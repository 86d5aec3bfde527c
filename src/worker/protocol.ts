/** The messages between page and worker. Each pipeline has its own `MessagePort`. */
import type { ProgressInfo } from '../base/files.ts';
import type { PipelineTask } from '../pipelines/registry.ts';

/** A clip for the worker: what the pipeline takes as it is, or what the page reads while the worker asks for it. */
export type SentClip =
  | { readonly value: unknown }
  | {
      /** A number of the page's. */
      readonly source: number;
      /** Shown in errors. */
      readonly name: string | undefined;
      /** Whether it can be read as the bytes of a file, again and again. Else it comes once, as sound. */
      readonly isFile: boolean;
    };

/**
 * How the page is to read a source: the bytes of a file, sound that it decodes, or clips. Of a file that can be read in any place also its length, and bytes from a
 * place on; the length does not come where that is not possible.
 */
export interface OpenRequest {
  readonly form: 'bytes' | 'sound' | 'clips' | 'length' | 'range';
  readonly at?: number;
  /** In one block. Default: all of them, in blocks. */
  readonly byteLength?: number | undefined;
  /** See `AudioDecodeOptions`. */
  readonly maxSeconds?: number | undefined;
}

/** What is known of a sound by now. */
export interface SoundNews {
  readonly declaredSeconds: number | undefined;
  readonly warnings: readonly string[];
}

/** What the page answers when the worker reads. */
export type SourceAnswer =
  | { readonly kind: 'item'; readonly value: unknown; readonly news?: SoundNews | undefined }
  | { readonly kind: 'end'; readonly news?: SoundNews | undefined }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Sent to the worker itself, once per pipeline. All other messages use the port, separate from the worker's other messages. */
export interface Connect {
  readonly unispeechPort: MessagePort;
}

export type Request = { readonly id: number } & RequestBody;

/** `abort` and `taken` carry the id of a call, `answer` the number of a reader. Answers to the others carry their id. */
export type RequestBody =
  | {
      readonly type: 'load';
      readonly task: unknown;
      readonly model: unknown;
      readonly reportsProgress: boolean;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: 'run';
      readonly audio: SentClip | readonly SentClip[];
      readonly options: Readonly<Record<string, unknown>>;
    }
  | {
      /** Gives what this method of the pipeline gives, part by part, before its answer. */
      readonly type: 'parts';
      readonly method: 'stream' | 'emissions';
      readonly audio: SentClip;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | {
      /** Gives results and progress, part by part. */
      readonly type: 'each';
      /** The source of the clips, and how many there are where that is known. */
      readonly clips: number;
      readonly count: number | undefined;
      readonly options: Readonly<Record<string, unknown>>;
    }
  /** The page has taken a part of the call, so another one may come. */
  | { readonly type: 'taken' }
  /** To the reader of this number. */
  | { readonly type: 'answer'; readonly answer: SourceAnswer }
  | { readonly type: 'emission-info' }
  | { readonly type: 'language'; readonly language: unknown }
  | { readonly type: 'abort' | 'dispose' };

export type Reply =
  | { readonly type: 'started' }
  | { readonly type: 'progress'; readonly info: ProgressInfo }
  | {
      readonly type: 'open';
      readonly source: number;
      /** A number of the worker's. */
      readonly reader: number;
      readonly how: OpenRequest;
    }
  | { readonly type: 'read' | 'close'; readonly reader: number }
  /** The source is not needed any more. */
  | { readonly type: 'release'; readonly source: number }
  | { readonly type: 'part'; readonly id: number; readonly value: unknown }
  | { readonly type: 'done'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: unknown };

/** What comes of `each`. Errors are packed. */
export type EachPart =
  | { readonly progress: unknown }
  | { readonly index: number; readonly output?: unknown; readonly error?: unknown };

/** The result of `load`. */
export interface LoadedInfo {
  readonly task: PipelineTask;
  /** The model's sample rate in Hz. */
  readonly sampleRate: number;
}
