/** What an examination finds, as plain data. Every part stands alone: one that fails hides none of the others. */
import type { StoredModel } from '../base/model-storage.ts';
import type { GpuLimits } from '../gpu/capabilities.ts';
import type { SelfTestResult } from '../../kernels/self-test.ts';

/** One part of the report. */
export type Part<T> =
  | { readonly status: 'pending' }
  /** What is known so far. */
  | { readonly status: 'running'; readonly value: T }
  | Outcome<T>
  /** It could not be looked at, for the reason given: mostly because a part before it failed. */
  | { readonly status: 'skipped'; readonly reason: string };

/** A part that was looked at. */
export type Outcome<T> =
  { readonly status: 'done'; readonly value: T } | { readonly status: 'failed'; readonly error: PartError };

export interface PartError {
  /** The code of a `UniSpeechError`, or the name of any other error. */
  readonly code: string;
  readonly message: string;
  readonly fix: string | undefined;
}

/** The program around the engine. */
export interface RuntimeFacts {
  readonly kind: 'node' | 'browser';
  /** Node's version, or the browser's user agent. */
  readonly program: string;
  /** Operating system and processor, as far as they are told. */
  readonly system: string;
  /** Whether the page is one that browsers give WebGPU to: https, or localhost. Always true in Node. */
  readonly isSecureContext: boolean;
  readonly logicalCoreCount: number | undefined;
}

export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Computes on the processor instead of a GPU: told by the adapter, or known by its name. */
  readonly isSoftware: boolean;
  /** What the adapter offers, sorted. */
  readonly features: readonly string[];
}

/** What the engine works with, on a device of its own. */
export interface DeviceFacts {
  /** What was asked for and given, sorted. */
  readonly features: readonly string[];
  /** Null where the adapter has no subgroups, or of a width that varies. */
  readonly subgroupSize: number | null;
  readonly timestamps: boolean;
  /** Size classes of matrix products whose variant was measured here by `tune`; 0 where all choices are static. */
  readonly tunedCount: number;
  readonly limits: GpuLimits;
}

export type ModelSize = 'base' | 'large';

/** One limit of the device beside the least that the engine gets by with. */
export interface LimitRow {
  readonly name: keyof GpuLimits;
  /** The name in words. */
  readonly label: string;
  readonly unit: 'bytes' | 'count';
  readonly found: number;
  /** For clips of 15 seconds; from the planner and the weight layout. */
  readonly needed: Readonly<Record<ModelSize, number>>;
  readonly suffices: Readonly<Record<ModelSize, boolean>>;
}

/** What a forward pass over one clip would be. */
export interface ClipPlan {
  readonly seconds: number;
  readonly dispatchCount: number;
  readonly flops: number;
  /** Of GPU memory, beside the weights. */
  readonly activationByteLength: number;
  /** Names of the kernel variants taken, sorted. */
  readonly kernels: readonly string[];
}

/** A size of model on this device. */
export interface ModelFit {
  readonly size: ModelSize;
  /** For example `12 layers of 768`. */
  readonly shape: string;
  readonly parameterCount: number;
  /** Precision of weights and arithmetic that would be used. */
  readonly dtype: 'fp32';
  /** Of GPU memory. */
  readonly weightByteLength: number;
  /** Clips of 1, 5 and 15 seconds; the error where one cannot be planned. */
  readonly clips: readonly Part<ClipPlan>[];
  /** The longest clip that runs in one piece by the limits, in whole seconds; at most an hour is looked for. */
  readonly longestClipSeconds: number;
}

export interface KernelTest {
  /** Names of all kernels to be tested, in order. */
  readonly names: readonly string[];
  /** Those tested so far. */
  readonly results: readonly SelfTestResult[];
}

/** Measured with matrix products of a base model, which are most of its work. */
export interface SpeedFacts {
  readonly gflopsPerSecond: number;
  /** Seconds of computing for a second of speech, estimated; below 1 is faster than speech. */
  readonly secondsPerSecond: Readonly<Record<ModelSize, number>>;
}

export interface StorageFacts {
  /** Bytes; undefined where the browser does not tell. */
  readonly usage: number | undefined;
  readonly quota: number | undefined;
  /** Whether the browser promised not to evict what is kept. */
  readonly isPersistent: boolean | undefined;
  /** Models that are kept. */
  readonly models: readonly StoredModel[];
}

export interface Verdict {
  readonly level: 'yes' | 'slow' | 'no' | 'unknown';
  /** One sentence. */
  readonly sentence: string;
  /** What to do, where something is to be done. */
  readonly advice: string | undefined;
}

/** What was found out, before it is judged. */
export type Findings = Omit<MachineReport, 'verdict' | 'version'>;

export interface MachineReport {
  /** Of this package. */
  readonly version: string;
  readonly runtime: Part<RuntimeFacts>;
  readonly adapter: Part<AdapterFacts>;
  readonly device: Part<DeviceFacts>;
  readonly limits: Part<readonly LimitRow[]>;
  readonly models: Part<readonly ModelFit[]>;
  readonly kernels: Part<KernelTest>;
  readonly speed: Part<SpeedFacts>;
  readonly storage: Part<StorageFacts>;
  /** Follows from the parts above; `unknown` until enough of them are done. */
  readonly verdict: Verdict;
}
