/**
 * What the suite `peers` asks of an engine, ours and others alike: prepare one piece of work, then run it from samples in host
 * memory to results in host memory, with weights resident on the device.
 */

/** Dense, row-major float32 numbers. */
export interface HostTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * One piece of work. Inputs and outputs in the order and layout written here; an engine that likes another layout converts outside
 * of `run`, as a model written for it would.
 */
export type Workload =
  /** out[row][column] = Σ a[row][k] · w[column][k]; a is [rows, inner], w [columns, inner]. */
  | {
      readonly kind: 'gemm';
      readonly name: string;
      readonly rows: number;
      readonly columns: number;
      readonly inner: number;
    }
  /**
   * The positional convolution, without bias and activation: x [frames, channels], w [channels, channels / groups, kernel] as in
   * PyTorch, `kernel / 2` zeros before the first frame, out [frames, channels] (PyTorch's last frame dropped when `kernel` is even).
   */
  | {
      readonly kind: 'grouped_conv';
      readonly name: string;
      readonly frames: number;
      readonly channels: number;
      readonly groups: number;
      readonly kernel: number;
    }
  /**
   * The first convolution with what follows it in a base model: x [samples], w [channels, kernel], no bias; group norm with one
   * group a channel (gamma, beta [channels], epsilon 1e-5), exact GELU; out [frames, channels].
   */
  | {
      readonly kind: 'first_conv';
      readonly name: string;
      readonly sampleCount: number;
      readonly channels: number;
      readonly kernel: number;
      readonly stride: number;
    }
  /** softmax(q · kᵀ / √headSize) · v a head; q, k and v are [frames, heads · headSize], out as well. */
  | {
      readonly kind: 'attention';
      readonly name: string;
      readonly frames: number;
      readonly heads: number;
      readonly headSize: number;
    }
  /** `UniSpeechForCTC` of a checkpoint: x [samples], out logits [frames, vocabulary]. */
  | { readonly kind: 'model'; readonly name: string; readonly sampleCount: number };

export type SingleOp = Exclude<Workload, { kind: 'model' }>;
export type WorkloadOf<Kind extends Workload['kind']> = Extract<Workload, { kind: Kind }>;

/** Numbers of a workload, by the names used above (`a`, `w`, `x`, `gamma`, `beta`, `q`, `k`, `v`). */
export interface WorkloadData {
  /** Handed to every run. */
  readonly inputs: Readonly<Record<string, HostTensor>>;
  /** Resident on the device; of a model: its safetensors tensors by their names in the checkpoint, float32. */
  readonly weights: Readonly<Record<string, HostTensor>>;
  /** Of a model: its config.json. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Work with its weights on the device. */
export interface PreparedWork {
  /** Uploads the inputs, runs, and resolves to the engine's own output, in host memory, once it is there. */
  run(): Promise<Float32Array>;
  /** The output of `run` in the layout of the workload. Not timed. */
  toCanonical(output: Float32Array): Float32Array;
  dispose(): void | Promise<void>;
  /** What a reader should know of how it runs, in a few words: kernels, or where nodes were placed. */
  readonly remark?: string;
  /** Arithmetic operations of a run, where the workload alone does not tell. */
  readonly flops?: number;
}

export interface PeerEngine {
  /** As on npm. */
  readonly name: string;
  readonly version: string;
  /** What the engine itself runs on, as `adapterName` names it, so that the suite can hold it against the others. */
  adapter(): Promise<string>;
  /** @throws Error in one sentence where the engine cannot do this work at all. */
  prepare(workload: Workload, data: WorkloadData): Promise<PreparedWork>;
  dispose(): void | Promise<void>;
}
