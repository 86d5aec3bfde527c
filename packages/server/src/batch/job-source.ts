/**
 * Where jobs come from and what becomes of them. There are two: a list in this process (`local-source.ts`) and BullMQ (`bull-source.ts`). A source
 * only says what to do next. What is done is said by the output files.
 */
import type { BatchItem } from './batch-item.ts';
import type { Identity } from './output-key.ts';

export interface BatchJob {
  readonly item: BatchItem;
  /** From 1. */
  readonly attempt: number;
  /** How the key of its output is made. */
  readonly identity: Identity;
}

export interface JobFailure {
  /** Of the error: `bad-audio`, `engine_crashed`, … */
  readonly code: string;
  readonly message: string;
  /** A further attempt would fail in the same way. */
  readonly isFinal: boolean;
}

/** What a finished job was. */
export interface JobOutcome {
  /** An output with the same key was there. */
  readonly isSkipped: boolean;
  /** Of sound; 0 if skipped. */
  readonly seconds: number;
}

export interface JobCounts {
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
}

export interface JobSource {
  /** The next job; undefined when none will come any more, or the source was closed. */
  take(): Promise<BatchJob | undefined>;
  done(job: BatchJob, outcome: JobOutcome): Promise<void>;
  /** @returns whether the job is tried again. */
  fail(job: BatchJob, failure: JobFailure): Promise<boolean>;
  /** Gives no further job, and waits for those that were taken. */
  close(): Promise<void>;
  /** Gives no further job. What was taken is given to others, where there are any, when its locks have ended. */
  abandon(): Promise<void>;
}
