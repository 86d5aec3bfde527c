/** What the suite finds: raw timings, from which reports take medians and ratios. Plain data, good for JSON. */
import type { Environment } from '../lib/environment.ts';

export const VENUE_NAMES = ['node', 'chromium'] as const;
export type VenueName = (typeof VENUE_NAMES)[number];

export const OURS = 'unispeech-webgpu';
export const PEER_NAMES = ['onnxruntime', 'tfjs', 'jax-js'] as const;
export type PeerName = (typeof PEER_NAMES)[number];
export type ComparedEngine = typeof OURS | PeerName;

/**
 * Why an engine has no timings: `wrong` computes something else, `other-adapter` elsewhere; `cannot` and `slow` are no faults of the
 * comparison.
 */
export type ProblemKind = 'wrong' | 'other-adapter' | 'cannot' | 'slow';

export interface Problem {
  readonly kind: ProblemKind;
  /** One sentence. */
  readonly message: string;
}

/** One engine on one workload. */
export interface EngineRow {
  readonly engine: ComparedEngine;
  /** Name on npm and version, as the engine tells; undefined where it did not start. */
  readonly packageName?: string;
  readonly version?: string;
  /** Empty where the engine cannot tell. */
  readonly adapter?: string;
  readonly remark?: string | undefined;
  /** From float64 for this engine, from this engine for peers; relative to the largest. */
  readonly relativeDifference?: number;
  readonly problem?: Problem;
  /** One number a round, in the order of rounds; empty where it was not timed. */
  readonly milliseconds: readonly number[];
}

export interface WorkloadResult {
  readonly venue: VenueName;
  readonly workload: string;
  readonly flops: number | undefined;
  /** This engine first. */
  readonly rows: readonly EngineRow[];
  /** A second process or page of this engine, in the same rounds. */
  readonly controlMilliseconds: readonly number[];
}

export interface VenueFacts {
  readonly venue: VenueName;
  /** For example `Chromium 147`. */
  readonly runtime: string;
}

export interface PeersResults {
  readonly suite: 'peers';
  readonly command: string;
  readonly environment: Environment;
  readonly venues: readonly VenueFacts[];
  readonly workloads: readonly WorkloadResult[];
}
