/** Input and output of a run of a plan. */
import type { StepTime } from '../gpu/step-timer.ts';

export type RunInputs = ReadonlyMap<string, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>;

/** An activity of the host during a run, with start and end in milliseconds of `performance.now()`. */
export interface HostSpan {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** From a submit until the GPU had done it, in milliseconds of `performance.now()`. */
export type BusySpan = Omit<HostSpan, 'name'>;

/** The result of a run: each output's elements in memory order, and the host's working time. */
export interface RunResult {
  readonly outputs: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  /** Milliseconds that the host spent encoding and submitting. */
  readonly encodeMilliseconds: number;
  /** Activities in order. Each begins where the previous one ended. */
  readonly spans: readonly HostSpan[];
  /** The GPU had work of this run to do. Submits follow each other and may overlap. */
  readonly busy: readonly BusySpan[];
  /** GPU times of each step, if they were requested and the adapter supports it. */
  readonly stepTimes: readonly StepTime[] | undefined;
}

export interface RunOptions {
  /** Measure every step on the GPU. */
  readonly timing?: boolean;
  /** Checked before the run starts and between its submits. Submitted work still runs to its end on the GPU. */
  readonly signal?: AbortSignal | undefined;
}
