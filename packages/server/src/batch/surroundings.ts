/** What the commands need of the process around them, and what they tell it. */
import type { EngineWords } from './batch-options.ts';
import type { FileTranscriber } from './run-files.ts';

export interface BatchSurroundings {
  /** Starts the engines. */
  readonly openEngine: (words: EngineWords) => Promise<OpenedEngine>;
  /** A line that the next one may replace, such as how far the batch is. */
  readonly showProgress: (line: string) => void;
  /** A line that stays. */
  readonly say: (line: string) => void;
  /** Stops the command, as Ctrl-C does. */
  readonly signal: AbortSignal;
}

export interface OpenedEngine {
  readonly transcriber: FileTranscriber;
  readonly close: () => Promise<void>;
}

/** As a process ends: all is there; some files failed; it was stopped. */
export type BatchExitCode = 0 | 1 | 130;
