/**
 * The graph: tensors and operations of one forward pass, independent of the size of an input. It describes a model
 * in plain operations (linear, activation, add, ...). `fuse.ts` merges operations that one kernel can do
 * together, and `plan.ts` turns the result into kernel calls for one shape.
 */
import type { Activation } from '../../kernels/activation.ts';
import { ceil4 } from '../gpu/kernel.ts';
import { framesAfter, type ConvGeometry, type FrameWindow, type RunShape } from './shape.ts';

/**
 * The axes of a tensor. Rows of channels with a stride rounded up to 4: `frames` is [item, frame, channel], `items` is
 * [item, channel], `batch` is one row for all items. One number per entry: `per-item` is [item], `per-frame` is [item, frame]. Others:
 * `attention` is [item, head, query, key], `mean-attention` the same, but of each item callers get the mean over the heads, once for
 * each; `audio` is [item, sample].
 *
 * A batch may be run in parts. Parts of an output follow each other along the items; those of a `batch` output are added, so it must be
 * a sum over the items.
 */
export type Extent =
  | 'audio'
  | 'frames'
  | 'items'
  | 'batch'
  | 'attention'
  | 'mean-attention'
  | 'per-item'
  | 'per-frame';

export interface GraphTensor {
  readonly name: string;
  readonly extent: Extent;
  /** Channels of `frames`, `items` and `batch`, heads of `attention`, else 1. */
  readonly channels: number;
  /** How its frames follow from those of the convolutions. Without it there are as many. */
  readonly windows?: readonly FrameWindow[];
}

/** Frames of a tensor for each item. */
export const framesOf = ({ windows = [] }: GraphTensor, { frames }: RunShape): number =>
  framesAfter(frames, windows);

/** Number of elements of a tensor in memory. */
export function elementCount(tensor: GraphTensor, shape: RunShape): number {
  const { extent, channels } = tensor;
  const { items, samples } = shape;
  const frames = framesOf(tensor, shape);
  switch (extent) {
    case 'audio':
      return items * samples;
    case 'frames':
      return items * frames * ceil4(channels);
    case 'items':
      return items * ceil4(channels);
    case 'batch':
      return ceil4(channels);
    case 'attention':
    case 'mean-attention':
      return items * channels * frames * frames;
    case 'per-item':
      return items;
    case 'per-frame':
      return items * frames;
  }
}

/** Number of rows of channels in a tensor. */
export function rowCount(tensor: GraphTensor, shape: RunShape): number {
  const { name, extent } = tensor;
  if (extent === 'frames') return shape.items * framesOf(tensor, shape);
  if (extent === 'items') return shape.items;
  if (extent === 'batch') return 1;
  throw new Error(`the tensor ${name} has no rows of channels: its extent is ${extent}`);
}

/** Index into the graph's tensors. */
export type TensorId = number;
/** Name of a weight buffer, as `src/speech/encoder/weight-layout.ts` lays it out. */
export type WeightName = string;

export interface ConvLayer extends ConvGeometry {
  readonly channels: number;
  readonly weight: WeightName;
  readonly bias: WeightName | undefined;
  /** The norm after this layer. `group` is over time per channel, and exists only in the first layer. */
  readonly norm:
    | { readonly kind: 'group' | 'layer'; readonly gamma: WeightName; readonly beta: WeightName }
    | undefined;
}

/** One number of a weight buffer. */
interface WeightElement {
  readonly weights: WeightName;
  readonly index: number;
}

/** Operations that fusion moves into the write-out of GEMM-like operations, and into `layer_norm` with its residual. */
interface Epilogue {
  readonly activation?: Activation;
  readonly residual?: TensorId;
}

/** What attention adds to its scores: gate[query] · bias[key − query], both of each head. */
export interface PositionBias {
  /** [item, frame, heads] */
  readonly gates: TensorId;
  /** [head][distance]: the distances are those of `biasDistances` of the kernel. */
  readonly biases: WeightName;
  readonly biasReach: number;
}

/** Operations of a quantizer, which gives each frame a code of each of its groups; the choice alone also finds the token of each frame. */
export type CodebookNode = {
  readonly groups: number;
  /** Codes of each group. */
  readonly codeCount: number;
  readonly out: TensorId;
} & (
  | {
      /** [item, frame, groups], or [item, frame] of one group: the first code with the largest logit. */
      readonly kind: 'choose_codes';
      readonly x: TensorId;
      /** What is added to the logits. */
      readonly noise: TensorId | undefined;
      /** Whether a frame with a logit that is NaN gets -1. Default: false. */
      readonly marksNaN?: boolean;
    }
  | {
      /** [item, frame, groups · numbers of a vector]: the vectors of the chosen codes. */
      readonly kind: 'gather_codes';
      readonly chosen: TensorId;
      readonly codevectors: WeightName;
    }
  | {
      /** One row of groups · codeCount: how many frames of the batch chose each code. */
      readonly kind: 'count_codes';
      readonly chosen: TensorId;
      /** [item, frame]: not zero for frames that count. Without it all do. */
      readonly counted: TensorId | undefined;
    }
);

export type GraphNode =
  | {
      readonly kind: 'conv_stack';
      readonly audio: TensorId;
      readonly layers: readonly ConvLayer[];
      readonly activation: Activation;
      readonly epsilon: number;
      /** The layer norm of the last layer's output. Fusion fills it in if that layer itself has a norm. */
      readonly outNorm?: { readonly gamma: WeightName; readonly beta: WeightName; readonly epsilon: number };
      readonly out: TensorId;
    }
  | ({
      readonly kind: 'linear';
      readonly x: TensorId;
      readonly weight: WeightName;
      readonly bias: WeightName | undefined;
      readonly out: TensorId;
    } & Epilogue)
  | ({
      /** A convolution over the frames of a tensor. */
      readonly kind: 'frame_conv';
      readonly x: TensorId;
      /** [out channel][tap][channel of the group]: channels rounded up to 4, rows not. */
      readonly weight: WeightName;
      readonly bias: WeightName;
      readonly groups: number;
      /** The frames that each output frame reads. */
      readonly taps: FrameWindow;
      /** The windows that the output has a frame for. Without it there are as many frames as in `x`. */
      readonly window: FrameWindow | undefined;
      readonly out: TensorId;
    } & Epilogue)
  | {
      /** The mean of the frames of each window of `poolWindow`. */
      readonly kind: 'pool_frames';
      readonly x: TensorId;
      readonly window: FrameWindow;
      readonly out: TensorId;
    }
  | {
      /** Reads each frame, [size · channels], as `size` frames; frames of zeros follow until there are as many as in `like`. */
      readonly kind: 'unpool_frames';
      readonly like: TensorId;
      readonly x: TensorId;
      readonly size: number;
      readonly out: TensorId;
    }
  | ({
      readonly kind: 'layer_norm';
      readonly x: TensorId;
      /** Without both the norm is the result. */
      readonly gamma: WeightName | undefined;
      readonly beta: WeightName | undefined;
      readonly epsilon: number;
      readonly out: TensorId;
    } & Epilogue)
  | {
      readonly kind: 'activation';
      readonly x: TensorId;
      readonly activation: Activation;
      readonly out: TensorId;
    }
  | { readonly kind: 'add'; readonly x: TensorId; readonly y: TensorId; readonly out: TensorId }
  | {
      /** out = x · scale + shift, one of both for each channel. */
      readonly kind: 'channel_affine';
      readonly x: TensorId;
      /** A row of shifts, then a row of scales; channels rounded up to 4 with zeros. */
      readonly weights: WeightName;
      readonly out: TensorId;
    }
  | {
      /** out = x · factor + `total`: a weighted sum of tensors, term by term. */
      readonly kind: 'accumulate';
      readonly x: TensorId;
      readonly factor: WeightElement;
      readonly total: TensorId | undefined;
      readonly out: TensorId;
    }
  | {
      /** [item, 2 · channels]: of each item the mean of x over its first keyCounts[item] frames, at least 2, and their standard deviation, divided by one less than their number. */
      readonly kind: 'frame_statistics';
      readonly x: TensorId;
      readonly keyCounts: TensorId;
      readonly out: TensorId;
    }
  | {
      /** Of each row the first half of the channels, times the sigmoid of the second half. */
      readonly kind: 'glu';
      readonly x: TensorId;
      readonly out: TensorId;
    }
  | {
      readonly kind: 'mask_frames';
      readonly x: TensorId;
      readonly codes: TensorId;
      /** What stands in place of a masked frame: a weight for all of them, or the same frame of another tensor. */
      readonly replacement: WeightName | TensorId | undefined;
      readonly out: TensorId;
    }
  | {
      /** out[item] = mean of x[item] over its first keyCounts[item] frames, times a factor, plus `total`[item]. */
      readonly kind: 'frame_mean';
      readonly x: TensorId;
      readonly keyCounts: TensorId;
      /** Without it 1. */
      readonly factor: WeightElement | undefined;
      readonly total: TensorId | undefined;
      readonly out: TensorId;
    }
  | CodebookNode
  | {
      /** [item, frame, heads]: the gates of `PositionBias`. */
      readonly kind: 'attention_gates';
      /** The input of attention. */
      readonly x: TensorId;
      /** `packGateWeights` of the kernel. */
      readonly weights: WeightName;
      readonly headSize: number;
      readonly out: TensorId;
    }
  | ({
      readonly kind: 'attention' | 'attention_weights';
      /** Each row holds the heads of q, then k, then v, each head rounded up to 4. */
      readonly qkv: TensorId;
      readonly keyCounts: TensorId;
      readonly heads: number;
      readonly headSize: number;
      readonly out: TensorId;
    } & Partial<PositionBias>);

export interface Graph {
  readonly tensors: readonly GraphTensor[];
  readonly nodes: readonly GraphNode[];
  /** Tensors that the caller writes before a run, by name. */
  readonly inputs: ReadonlyMap<string, TensorId>;
  /** Tensors that are read back after a run, by name, in order. */
  readonly outputs: ReadonlyMap<string, TensorId>;
}

/** The fields of nodes that name a tensor to read. */
const OPERANDS = [
  'audio',
  'like',
  'x',
  'y',
  'codes',
  'replacement',
  'qkv',
  'keyCounts',
  'residual',
  'total',
  'noise',
  'chosen',
  'counted',
  'gates',
] as const;

/** Tensors that a node reads. */
export const readsOf = (node: WithoutOut<GraphNode>): readonly TensorId[] =>
  OPERANDS.map((name) => (node as Partial<Record<typeof name, TensorId | WeightName>>)[name]).filter(
    (operand) => typeof operand === 'number',
  );

type WithoutOut<N> = N extends { readonly out: TensorId } ? Omit<N, 'out'> : never;

/** Collects the tensors and nodes of a model. */
export class GraphBuilder {
  readonly #tensors: GraphTensor[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #inputs = new Map<string, TensorId>();
  readonly #outputs = new Map<string, TensorId>();

  input(name: string, extent: Extent, channels = 1): TensorId {
    const id = this.#tensor(name, extent, channels, []);
    this.#inputs.set(name, id);
    return id;
  }

  /**
   * Adds an operation and returns its output tensor: [item, frame, channels] by default. It has the frames of the first tensor that the
   * operation reads, or of its windows.
   */
  add(name: string, channels: number, node: WithoutOut<GraphNode>, extent: Extent = 'frames'): TensorId {
    const out = this.#tensor(name, extent, channels, this.#windowsAfter(node));
    this.#nodes.push({ ...node, out });
    return out;
  }

  /** Channels of a tensor. */
  channelsOf(tensor: TensorId): number {
    return this.#tensors[tensor]?.channels ?? 0;
  }

  output(name: string, tensor: TensorId): void {
    this.#outputs.set(name, tensor);
  }

  build(): Graph {
    return { tensors: this.#tensors, nodes: this.#nodes, inputs: this.#inputs, outputs: this.#outputs };
  }

  #tensor(name: string, extent: Extent, channels: number, windows: readonly FrameWindow[]): TensorId {
    return this.#tensors.push({ name, extent, channels, windows }) - 1;
  }

  #windowsAfter(node: WithoutOut<GraphNode>): readonly FrameWindow[] {
    const [first] = readsOf(node);
    const windows = first === undefined ? [] : (this.#tensors[first]?.windows ?? []);
    return 'window' in node && node.window ? [...windows, node.window] : windows;
  }
}
