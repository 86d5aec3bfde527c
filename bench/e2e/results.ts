/** What the suite measures: raw timings, from which the report takes medians and ratios. */
import type { Environment } from '../lib/environment.ts';
import type { Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import type { CheckpointName } from '../lib/checkpoints.ts';
import type { Beside } from './beside.ts';
import type { EngineName, KernelStep, PlacementReport } from './engine.ts';

/** One fresh process with a cold shader cache. */
export interface FirstRun {
  /** Opening the device and loading the model. */
  readonly loadMilliseconds: number;
  readonly runMilliseconds: number;
  /** Resident once the device and one trivial pipeline exist. */
  readonly baselineByteLength: number;
  readonly weightByteLength: number;
  /** Peak resident memory until the model was loaded. */
  readonly loadPeakByteLength: number;
  /** Peak resident memory until the first run had ended. */
  readonly peakByteLength: number;
}

export interface EngineResult {
  readonly engine: EngineName;
  readonly firstRuns: readonly FirstRun[];
  /** One a round, in the order of rounds. */
  readonly steadyMilliseconds: readonly number[];
  /** Empty where the engine does not tell. */
  readonly encodeMilliseconds: readonly number[];
}

/** Steady runs of another model, round by round. */
export interface BesideResult extends Beside {
  readonly milliseconds: readonly number[];
}

/** One model on one length of audio. */
export interface CaseResult {
  readonly model: CheckpointName;
  readonly seconds: number;
  readonly flops: number;
  readonly dispatchCount: number;
  readonly activationByteLength: number;
  /** GPU time of each step of one run; empty where the adapter has no timestamps. */
  readonly steps: readonly KernelStep[];
  readonly ours: EngineResult;
  /** Steady runs of a second process of our own engine, round by round. */
  readonly controlMilliseconds: readonly number[];
  /** Those of the models that it is compared with. */
  readonly beside: readonly BesideResult[];
  readonly peer: EngineResult | undefined;
  /** Of the peer's logits from ours, relative to the largest. */
  readonly peerRelativeDifference: number | undefined;
}

export interface PeerResult {
  readonly name: EngineName;
  readonly version: string;
  readonly placements: readonly (PlacementReport & { readonly model: CheckpointName })[];
}

export interface E2eResults {
  readonly suite: 'e2e';
  /** Of this engine's weights. */
  readonly dtype: Dtype;
  readonly command: string;
  readonly environment: Environment & { readonly adapter: string };
  /** Whether the weights on the device are part of the process's resident memory. */
  readonly isSoftwareAdapter: boolean;
  readonly peer: PeerResult | undefined;
  /** What the reader must know: why there is no peer, for example. */
  readonly notes: readonly string[];
  readonly cases: readonly CaseResult[];
}
