/** The messages between page and worker. Each pipeline has its own `MessagePort`. */
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
      readonly type: 'run';
      readonly audio: unknown;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | {
      /** Gives what this method of the pipeline gives, part by part, before its answer. */
      readonly type: 'parts';
      readonly method: 'stream' | 'emissions';
      readonly audio: unknown;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'emission-info' }
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
