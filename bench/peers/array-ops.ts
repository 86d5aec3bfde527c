/** The dozen operations that every workload is made of, for libraries of array operations: they differ in these only. */
import type { HostTensor } from './engine.ts';

/** A convolution over frames, without padding. */
export interface ConvShape {
  readonly frames: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
}

export interface GroupedConvShape {
  readonly frames: number;
  readonly channels: number;
  readonly groups: number;
  readonly kernel: number;
}

export const outputFrames = ({ frames, kernel, stride }: ConvShape): number =>
  Math.floor((frames - kernel) / stride) + 1;

/**
 * On matrices [frames, channels]. An operation takes what it is given, as libraries that count references do: `again` is for a second
 * use. `W` are weights on the device in the layout that the library likes; those are taken as well.
 */
export interface ArrayOps<X, W> {
  again(x: X): X;
  add(a: X, b: X): X;
  addVector(x: X, vector: W): X;
  /** The exact one. */
  gelu(x: X): X;
  linear(x: X, weight: W, bias?: W): X;
  /** Over the channels of a frame. */
  layerNorm(x: X, gamma: W, beta: W, epsilon: number): X;
  /** Over the frames of a channel. */
  channelNorm(x: X, gamma: W, beta: W, epsilon: number): X;
  conv(x: X, weight: W, shape: ConvShape): X;
  /** As many frames as before: zeros around them, `kernel / 2` in front. */
  groupedConv(x: X, weight: W, shape: GroupedConvShape): X;
  attention(q: X, k: X, v: X, heads: number): X;
}

/** A weight as PyTorch lays it out, and what it is for: that decides which layout a library gets. */
export interface OpWeight {
  /** `matrix`: [outputs, inputs]. `conv`: [outputs, inputs, kernel]. `grouped_conv`: [outputs, inputs of a group, kernel]. */
  readonly role: 'vector' | 'matrix' | 'conv' | 'grouped_conv';
  readonly tensor: HostTensor;
  /** Of a grouped convolution. */
  readonly groups?: number;
}

/** A workload, written in operations. */
export interface OpWork {
  /** Those that are signals are columns [samples, 1]. */
  readonly inputs: Readonly<Record<string, HostTensor>>;
  readonly weights: ReadonlyMap<string, OpWeight>;
  /** Its convolutions, for engines that choose how to do one by its shape. */
  readonly convolutions: readonly ConvShape[];
  readonly groupedConvolutions: readonly GroupedConvShape[];
  apply<X, W>(ops: ArrayOps<X, W>, input: (name: string) => X, weight: (name: string) => W): X;
}

/** PyTorch's default, which the norms among convolutions have whatever a model's configuration says. */
export const CONV_NORM_EPSILON = 1e-5;
