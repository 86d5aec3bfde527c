/** What the suite asks of an engine, ours and others alike. Each runs in a process of its own. */
import type { RunProfile } from '../../src/speech/core/batch-parts.ts';

export const ENGINE_NAMES = ['unispeech-webgpu', 'onnxruntime-node'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
export const isEngineName = (name: unknown): name is EngineName =>
  (ENGINE_NAMES as readonly unknown[]).includes(name);

export interface EngineRun {
  /** [frames, vocabulary] with a CTC head; what another head gives instead. */
  readonly logits: Float32Array;
  /** Milliseconds of encoding and submitting, where the engine tells. */
  readonly encodeMilliseconds: number | undefined;
}

export interface KernelStep {
  readonly name: string;
  readonly kernel: string;
  readonly flops: number;
  readonly byteCount: number;
  readonly nanoseconds: number;
}

/** What only our engine can say of a run. */
export interface KernelReport {
  readonly kind: 'kernels';
  readonly adapter: string;
  /** Whether the adapter's memory is this process's: then the weights count in its resident memory. */
  readonly isSoftwareAdapter: boolean;
  readonly flops: number;
  readonly dispatchCount: number;
  readonly activationByteLength: number;
  /** Empty where the adapter has no timestamps. */
  readonly steps: readonly KernelStep[];
  readonly profile: RunProfile;
}

/** Which provider of ONNX Runtime ran the nodes of a graph. */
export interface PlacementReport {
  readonly kind: 'placement';
  readonly webgpuNodeCount: number;
  readonly otherNodeCount: number;
  /** Operators of the nodes that ran elsewhere. */
  readonly otherOperators: readonly string[];
  /** Bytes of the largest tensor that a node elsewhere wrote: a few bytes are arithmetic on shapes. */
  readonly largestOtherByteLength: number;
}

export interface Engine {
  /** Opens the device: the first call into the GPU library of this process. */
  openDevice(): Promise<void>;
  /** Compiles and runs one trivial pipeline on it. */
  runTrivialPipeline(): Promise<void>;
  /** Brings the weights onto the device; resolves to their bytes there. */
  load(): Promise<number>;
  run(samples: Float32Array): Promise<EngineRun>;
  report(samples: Float32Array): Promise<KernelReport | PlacementReport>;
}
