/** The messages between page and worker. Each pipeline has its own `MessagePort`. */
import { UniSpeechError, type ErrorCode } from '../base/errors.ts';
import type { ProgressInfo } from '../base/files.ts';
import type { PipelineTask } from '../pipelines/registry.ts';

/** Sent to the worker itself, once per pipeline. All other messages use the port, separate from the worker's other messages. */
export interface Connect {
  readonly unispeechPort: MessagePort;
}

export type Request = { readonly id: number } & RequestBody;

/** `abort` carries the id of the call to abort. Answers to the others carry their id. */
export type RequestBody =
  | {
      readonly type: 'load';
      readonly task: unknown;
      readonly model: unknown;
      readonly reportsProgress: boolean;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | {
      /** `stream` gives parts before its answer. */
      readonly type: 'run' | 'stream';
      readonly audio: unknown;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'language'; readonly language: unknown }
  | { readonly type: 'abort' | 'dispose' };

export type Reply =
  | { readonly type: 'started' }
  | { readonly type: 'progress'; readonly info: ProgressInfo }
  | { readonly type: 'part'; readonly id: number; readonly value: unknown }
  | { readonly type: 'done'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: unknown };

/** The result of `load`. */
export interface LoadedInfo {
  readonly task: PipelineTask;
  /** The model's sample rate in Hz. */
  readonly sampleRate: number;
}

interface PackedError {
  readonly unispeechCode: ErrorCode;
  readonly sentence: string;
  readonly fix: string | undefined;
  readonly cause: unknown;
}

/** Carries class and code of an error, which structured clones lose. Errors of the platform are cloned unchanged. */
export function packError(error: unknown): unknown {
  if (!(error instanceof UniSpeechError)) return error;
  const { code, sentence, fix, cause } = error;
  return { unispeechCode: code, sentence, fix, cause: packError(cause) } satisfies PackedError;
}

export function unpackError(packed: unknown): unknown {
  if (typeof packed !== 'object' || packed === null || !('unispeechCode' in packed)) return packed;
  const { unispeechCode, sentence, fix, cause } = packed as PackedError;
  return new UniSpeechError(
    unispeechCode,
    sentence,
    fix,
    cause === undefined ? {} : { cause: unpackError(cause) },
  );
}
