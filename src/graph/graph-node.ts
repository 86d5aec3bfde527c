/** The operations of a graph: plain ones, which `fuse.ts` merges where one kernel can do them together. */
import type { Activation } from '../../kernels/activation.ts';
import type { AttentionBias } from '../../kernels/attention.ts';
import type { planUnfoldFrames } from '../../kernels/frame-windows.ts';
import type { TensorId, WeightName } from './graph-tensor.ts';
import type { RareNode } from './rare-node.ts';
import type { ConvGeometry, FrameWindow } from './shape.ts';

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
export interface WeightElement {
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
  readonly bias: AttentionBias;
}

/** The codes of a quantizer, which gives each frame a code of each of its groups. */
export interface Codebook {
  readonly groups: number;
  /** Codes of each group. */
  readonly codeCount: number;
}

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
      /** Where there are frames between those that an output frame reads: what plans the kernel that lays them side by side. Few models have it. */
      readonly planUnfold?: typeof planUnfoldFrames;
      readonly out: TensorId;
    } & Epilogue)
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
      readonly kind: 'mask_frames';
      readonly x: TensorId;
      readonly codes: TensorId;
      /** What stands in place of a masked frame: a weight for all of them, or the same frame of another tensor. */
      readonly replacement: WeightName | TensorId | undefined;
      readonly out: TensorId;
    }
  | ({
      /** [item, frame, groups], or [item, frame] of one group: the first code with the largest logit. */
      readonly kind: 'choose_codes';
      readonly x: TensorId;
      /** What is added to the logits. */
      readonly noise: TensorId | undefined;
      /** Whether a frame with a logit that is NaN gets -1. Default: false. */
      readonly marksNaN?: boolean;
      readonly out: TensorId;
    } & Codebook)
  | ({
      readonly kind: 'attention' | 'attention_weights';
      /** Each row holds the heads of q, then k, then v, each head rounded up to 4. */
      readonly qkv: TensorId;
      readonly keyCounts: TensorId;
      readonly heads: number;
      readonly headSize: number;
      readonly out: TensorId;
    } & Partial<PositionBias>)
  | RareNode;

/** The fields of nodes that name a tensor to read. */
const OPERANDS = [
  'audio',
  'x',
  'y',
  'codes',
  'replacement',
  'qkv',
  'keyCounts',
  'residual',
  'total',
  'noise',
  'gates',
] as const;

/** Tensors that a node reads. */
export const readsOf = (node: WithoutOut<GraphNode>): readonly TensorId[] =>
  'reads' in node
    ? node.reads
    : OPERANDS.map((name) => (node as Partial<Record<typeof name, TensorId | WeightName>>)[name]).filter(
        (operand) => typeof operand === 'number',
      );

/** A node whose output is not known yet. */
export type WithoutOut<N> = N extends { readonly out: TensorId } ? Omit<N, 'out'> : never;
