/** The result of an examination, as plain data. Parts are independent: one that fails does not hide the others. */
import type { StoredModel } from '../base/model-storage.ts';
import type { GpuLimits } from '../gpu/capabilities.ts';
import type { SelfTestResult } from '../../kernels/self-test.ts';

/** One part of the report. */
export type Part<T> =
  | { readonly status: 'pending' }
  /** What is known so far. */
  | { readonly status: 'running'; readonly value: T }
  | Outcome<T>
  /** The part could not be examined, for the given reason: mostly because an earlier part failed. */
  | { readonly status: 'skipped'; readonly reason: string };

/** A part that was examined. */
export type Outcome<T> =
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'failed'; readonly error: PartError };

export interface PartError {
  /** The code of a `UniSpeechError`, or the name of any other error. */
  readonly code: string;
  readonly message: string;
  readonly fix: string | undefined;
}

/** The program in which the engine runs. */
export interface RuntimeFacts {
  readonly kind: 'node' | 'browser';
  /** Node's version, or the browser's user agent. */
  readonly program: string;
  /** Operating system and processor, as far as known. */
  readonly system: string;
  /** Whether browsers offer WebGPU to the page: https, or localhost. Always true in Node. */
  readonly isSecureContext: boolean;
  readonly logicalCoreCount: number | undefined;
}

export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Whether it computes on the processor instead of a GPU. The adapter says so, or its name is known. */
  readonly isSoftware: boolean;
  /** Features of the adapter, sorted. */
  readonly features: readonly string[];
}

/** The engine's own device. */
export interface DeviceFacts {
  /** Requested and granted features, sorted. */
  readonly features: readonly string[];
  /** Null if the adapter has no subgroups, or if their width varies. */
  readonly subgroupSize: number | null;
  readonly timestamps: boolean;
  /** Number of size classes of matrix products that `tune` measured here; 0 if all choices are static. */
  readonly tunedCount: number;
  readonly limits: GpuLimits;
}

export type ModelSize = 'base' | 'large';

/** One limit of the device, and the smallest values that the engine needs. */
export interface LimitRow {
  readonly name: keyof GpuLimits;
  /** The name in words. */
  readonly label: string;
  readonly unit: 'bytes' | 'count';
  readonly found: number;
  /** Needed for clips of 15 seconds, from the planner and the weight layout. */
  readonly needed: Readonly<Record<ModelSize, number>>;
  readonly suffices: Readonly<Record<ModelSize, boolean>>;
}

/** The plan of a forward pass over one clip. */
export interface ClipPlan {
  readonly seconds: number;
  readonly dispatchCount: number;
  readonly flops: number;
  /** Bytes of GPU memory, in addition to the weights. */
  readonly activationByteLength: number;
  /** Names of the chosen kernel variants, sorted. */
  readonly kernels: readonly string[];
}

/** A model size on this device. */
export interface ModelFit {
  readonly size: ModelSize;
  /** For example `12 layers of 768`. */
  readonly shape: string;
  readonly parameterCount: number;
  /** Precision of the weights that would be used. */
  readonly dtype: 'fp32';
  /** Bytes of GPU memory. */
  readonly weightByteLength: number;
  /** Clips of 1, 5 and 15 seconds, or an error if one cannot be planned. */
  readonly clips: readonly Part<ClipPlan>[];
  /** The longest clip that the limits allow in one piece, in whole seconds. The search ends at one hour. */
  readonly longestClipSeconds: number;
}

export interface KernelTest {
  /** Names of all kernels to test, in order. */
  readonly names: readonly string[];
  /** Those tested so far. */
  readonly results: readonly SelfTestResult[];
}

/** Measured with matrix products of a base model, which do most of its work. */
export interface SpeedFacts {
  readonly gflopsPerSecond: number;
  /** Estimated seconds of computing per second of speech. Below 1 is faster than speech. */
  readonly secondsPerSecond: Readonly<Record<ModelSize, number>>;
}

export interface StorageFacts {
  /** Bytes; undefined if the browser does not tell. */
  readonly usage: number | undefined;
  readonly quota: number | undefined;
  /** Whether the browser promised not to evict stored data. */
  readonly isPersistent: boolean | undefined;
  /** Stored models. */
  readonly models: readonly StoredModel[];
}

export interface Verdict {
  readonly level: 'yes' | 'slow' | 'no' | 'unknown';
  /** One sentence. */
  readonly sentence: string;
  /** What the user can do, if anything. */
  readonly advice: string | undefined;
}

/** All findings, without the verdict. */
export type Findings = Omit<MachineReport, 'verdict' | 'version'>;

export interface MachineReport {
  /** Version of this package. */
  readonly version: string;
  readonly runtime: Part<RuntimeFacts>;
  readonly adapter: Part<AdapterFacts>;
  readonly device: Part<DeviceFacts>;
  readonly limits: Part<readonly LimitRow[]>;
  readonly models: Part<readonly ModelFit[]>;
  readonly kernels: Part<KernelTest>;
  readonly speed: Part<SpeedFacts>;
  readonly storage: Part<StorageFacts>;
  /** Computed from the parts above; `unknown` until enough of them are done. */
  readonly verdict: Verdict;
}
