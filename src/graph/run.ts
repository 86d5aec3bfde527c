/** What goes into a run of a plan and what comes out. */
import type { StepTime } from '../gpu/step-timer.ts';

export type RunInputs = ReadonlyMap<string, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>;

/** What the host did during a run, from when to when, in milliseconds of `performance.now()`. */
export interface HostSpan {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** What a run gives back: each output's elements as they lie in memory, and how long the host worked. */
export interface RunResult {
  readonly outputs: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  /** Milliseconds of the host's encoding and submitting. */
  readonly encodeMilliseconds: number;
  /** In order, each beginning where the one before it ended. */
  readonly spans: readonly HostSpan[];
  /** Times of each step on the GPU, when timing was asked for and the adapter can. */
  readonly stepTimes: readonly StepTime[] | undefined;
}

export interface RunOptions {
  /** Measure every step on the GPU. */
  readonly timing?: boolean;
  /** Looked at when the run's turn comes and between its submits; what is submitted ends on the GPU. */
  readonly signal?: AbortSignal | undefined;
}
