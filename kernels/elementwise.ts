/** Kernels that touch each element once: activation, factor and sum, masking of frames, the layout of the positional convolution. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, prelude, type RecipeCall } from '../src/gpu/kernel.ts';
import elementwiseSource from '../shaders/elementwise.wgsl';
import maskFramesSource from '../shaders/mask_frames.wgsl';
import posConvPackSource from '../shaders/pos_conv_pack.wgsl';
import { activationSourceFor, type Activation } from './activation.ts';
import { spreadWorkgroups } from './spread.ts';

const THREAD_COUNT = 64;

/** `out = activate(x) · factor + y`. */
export interface ElementwiseSpec {
  readonly rows: number;
  readonly channels: number;
  /** Compiled in, but applied only if `hasActivation`, so that one pipeline serves both uses. */
  readonly activation: Activation;
  readonly hasActivation: boolean;
  /** The factor of all elements, or of the first channel where each has its own: an index of the factors. Without it 1. */
  readonly factor: { readonly index: number; readonly isByChannel: boolean } | undefined;
  /** What is added: a tensor, or one row to each. */
  readonly addend: 'rows' | 'row' | undefined;
}

export interface ElementwiseRecipe {
  readonly kind: 'elementwise';
  readonly activation: Activation;
}

/** Buffers in binding order: x, factors, y, out. */
export function planElementwise(
  spec: ElementwiseSpec,
  { limits }: GpuCapabilities,
): RecipeCall<ElementwiseRecipe> {
  const channelQuads = ceil4(spec.channels) / 4;
  const quadCount = spec.rows * channelQuads;
  const { factor, addend } = spec;
  return {
    kernel: {
      name: `elementwise_${spec.activation}`,
      source: prelude({ THREAD_COUNT }) + activationSourceFor(spec.activation) + elementwiseSource,
      bindings: ['uniform', 'read', 'read', 'read', 'write'],
    },
    recipe: { kind: 'elementwise', activation: spec.activation },
    workgroups: spreadWorkgroups(
      Math.ceil(quadCount / THREAD_COUNT),
      limits.maxComputeWorkgroupsPerDimension,
    ),
    params: {
      quad_count: quadCount,
      channel_count: spec.channels,
      channel_quads: channelQuads,
      has_activation: Number(spec.hasActivation),
      has_factor: Number(factor !== undefined),
      factor_index: factor?.index ?? 0,
      factor_step: Number(factor?.isByChannel === true),
      has_addend: Number(addend !== undefined),
      addend_quads: addend === 'row' ? channelQuads : quadCount,
    },
    flops: (Number(factor !== undefined) + Number(addend !== undefined)) * spec.rows * spec.channels,
    byteCount: 16 * quadCount * (addend === 'rows' ? 3 : 2),
  };
}

/** The actions of `mask_frames` on a frame. */
export const FRAME_KEEP = 0;
export const FRAME_REPLACE = 1;
export const FRAME_ZERO = 2;

export interface MaskFramesSpec {
  /** Total frames of all items. */
  readonly frames: number;
  readonly channels: number;
  /** Whether each frame has a row of its own to be replaced by; else one row replaces them all. */
  readonly replacesByFrame: boolean;
}

export interface MaskFramesRecipe {
  readonly kind: 'mask_frames';
}

/** Buffers in binding order: x, codes (one u32 per frame), replacement, out. */
export function planMaskFrames(
  spec: MaskFramesSpec,
  { limits }: GpuCapabilities,
): RecipeCall<MaskFramesRecipe> {
  const channelQuads = ceil4(spec.channels) / 4;
  const quadCount = spec.frames * channelQuads;
  return {
    kernel: {
      name: 'mask_frames',
      source: prelude({ THREAD_COUNT }) + maskFramesSource,
      bindings: ['uniform', 'read', 'read', 'read', 'write'],
    },
    recipe: { kind: 'mask_frames' },
    workgroups: spreadWorkgroups(
      Math.ceil(quadCount / THREAD_COUNT),
      limits.maxComputeWorkgroupsPerDimension,
    ),
    params: {
      quad_count: quadCount,
      channel_quads: channelQuads,
      replacement_quads: spec.replacesByFrame ? quadCount : channelQuads,
    },
    flops: 0,
    byteCount: 32 * quadCount,
  };
}

export interface PosConvPackSpec {
  readonly items: number;
  readonly frames: number;
  readonly channels: number;
  readonly groups: number;
  /** Rows of zeros before the first frame, and after the last. */
  readonly padding: number;
}

export interface PosConvPackRecipe {
  readonly kind: 'pos_conv_pack';
}

/** Rows of the packed copy: frames, and rows of zeros on each side. */
export const paddedFrames = ({ frames, padding }: PosConvPackSpec): number => frames + 2 * padding;

/** Channels per group in memory. */
export const groupStride = ({ channels, groups }: Pick<PosConvPackSpec, 'channels' | 'groups'>): number =>
  ceil4(channels / groups);

/** Buffers in binding order: x, out. */
export function planPosConvPack(
  spec: PosConvPackSpec,
  { limits }: GpuCapabilities,
): RecipeCall<PosConvPackRecipe> {
  const groupQuads = groupStride(spec) / 4;
  const quadCount = spec.items * spec.groups * paddedFrames(spec) * groupQuads;
  return {
    kernel: {
      name: 'pos_conv_pack',
      source: prelude({ THREAD_COUNT }) + posConvPackSource,
      bindings: ['uniform', 'read', 'write'],
    },
    recipe: { kind: 'pos_conv_pack' },
    workgroups: spreadWorkgroups(
      Math.ceil(quadCount / THREAD_COUNT),
      limits.maxComputeWorkgroupsPerDimension,
    ),
    params: {
      quad_count: quadCount,
      frame_count: spec.frames,
      padded_frame_count: paddedFrames(spec),
      left_padding: spec.padding,
      group_count: spec.groups,
      group_channels: spec.channels / spec.groups,
      group_quads: groupQuads,
      channel_stride: ceil4(spec.channels),
    },
    flops: 0,
    byteCount: 16 * quadCount + 4 * spec.items * spec.frames * spec.channels,
  };
}
