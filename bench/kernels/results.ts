/** What the suite finds: raw timings, from which reports take medians and ratios. Plain data, good for JSON. */
import type { ClockKind } from './clock.ts';
import type { Peak } from './peak.ts';

/** One kernel on one case. */
export interface KernelRow {
  readonly kernel: string;
  /** Whether this is the static choice here. */
  readonly isChosen: boolean;
  /** Of one dispatch, a number a round, in the order of rounds; empty where it was not timed. */
  readonly milliseconds: readonly number[];
  /** Dispatches behind each number. */
  readonly repeats: number;
  /** Why it was not timed. */
  readonly skipped?: string;
  /** What is wrong with it. */
  readonly fault?: string;
}

export interface CaseRows {
  readonly name: string;
  readonly flops: number;
  readonly byteCount: number;
  /** The chosen kernel first. */
  readonly rows: readonly KernelRow[];
  /** The chosen kernel once more, on buffers of its own, in the same rounds. */
  readonly controlMilliseconds: readonly number[];
}

/** What the figures depend on. */
export interface AdapterEnvironment {
  readonly adapter: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly isSoftwareAdapter: boolean;
  readonly subgroupSize: number | undefined;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

export interface KernelResults {
  readonly suite: 'kernels';
  readonly command: string;
  readonly version: string;
  readonly environment: AdapterEnvironment & Readonly<Record<string, unknown>>;
  readonly clock: ClockKind;
  /** What timestamps are rounded to; 0 where that is not known. */
  readonly clockStepNanoseconds?: number;
  readonly peak: Peak;
  readonly cases: readonly CaseRows[];
}
