/** Kernels that move frames: side by side for a dilated convolution, together into fewer, and apart again. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, prelude, type Params, type RecipeCall } from '../src/gpu/kernel.ts';
import poolFramesSource from '../shaders/pool_frames.wgsl';
import unfoldFramesSource from '../shaders/unfold_frames.wgsl';
import unpoolFramesSource from '../shaders/unpool_frames.wgsl';
import { spreadWorkgroups } from './spread.ts';

const THREAD_COUNT = 64;

/** Rows of frames become rows of other frames. */
export interface FrameMoveSpec {
  readonly items: number;
  /** Frames of an item that are read. */
  readonly frames: number;
  /** Frames of an item that are written. */
  readonly outFrames: number;
  /** Channels of a frame; of `unpool_frames` those of a frame that is written. */
  readonly channels: number;
}

export interface UnfoldFramesSpec extends FrameMoveSpec {
  /** Frames that each output frame reads. */
  readonly kernel: number;
  /** Frames from the first that an output frame reads to that of the next. */
  readonly stride: number;
  /** Frames from one that an output frame reads to the next. */
  readonly dilation: number;
}

export interface PoolFramesSpec extends FrameMoveSpec {
  /** Frames of a pool. */
  readonly size: number;
}

export interface FrameWindowsRecipe {
  readonly kind: 'unfold_frames' | 'pool_frames' | 'unpool_frames';
}

/** Buffers in binding order: x, out. */
export function planUnfoldFrames(
  spec: UnfoldFramesSpec,
  capabilities: GpuCapabilities,
): RecipeCall<FrameWindowsRecipe> {
  const channelQuads = ceil4(spec.channels) / 4;
  const quadCount = spec.items * spec.outFrames * spec.kernel * channelQuads;
  const params = {
    quad_count: quadCount,
    frame_count: spec.frames,
    out_frame_count: spec.outFrames,
    channel_quads: channelQuads,
    tap_count: spec.kernel,
    stride: spec.stride,
    dilation: spec.dilation,
  };
  return {
    ...moveCall('unfold_frames', unfoldFramesSource, quadCount, params, capabilities),
    flops: 0,
    byteCount: 16 * (quadCount + spec.items * spec.frames * channelQuads),
  };
}

/** The mean of each `size` frames. Buffers in binding order: x, out. */
export function planPoolFrames(
  spec: PoolFramesSpec,
  capabilities: GpuCapabilities,
): RecipeCall<FrameWindowsRecipe> {
  const channelQuads = ceil4(spec.channels) / 4;
  const quadCount = spec.items * spec.outFrames * channelQuads;
  const params = {
    quad_count: quadCount,
    frame_count: spec.frames,
    out_frame_count: spec.outFrames,
    channel_quads: channelQuads,
    size: spec.size,
  };
  return {
    ...moveCall('pool_frames', poolFramesSource, quadCount, params, capabilities),
    flops: spec.items * spec.outFrames * spec.size * spec.channels,
    byteCount: 16 * quadCount * (spec.size + 1),
  };
}

/** Rows of `size` frames become frames. Buffers in binding order: x, out. */
export function planUnpoolFrames(
  spec: PoolFramesSpec,
  capabilities: GpuCapabilities,
): RecipeCall<FrameWindowsRecipe> {
  const channelQuads = ceil4(spec.channels) / 4;
  const quadCount = spec.items * spec.outFrames * channelQuads;
  const rowStride = ceil4(spec.size * spec.channels);
  const params = {
    quad_count: quadCount,
    pooled_frame_count: spec.frames,
    frame_count: spec.outFrames,
    channel_count: spec.channels,
    channel_quads: channelQuads,
    size: spec.size,
    x_stride: rowStride,
  };
  return {
    ...moveCall('unpool_frames', unpoolFramesSource, quadCount, params, capabilities),
    flops: 0,
    byteCount: 4 * spec.items * spec.frames * rowStride + 16 * quadCount,
  };
}

function moveCall(
  kind: FrameWindowsRecipe['kind'],
  source: string,
  quadCount: number,
  params: Params,
  { limits }: GpuCapabilities,
): Omit<RecipeCall<FrameWindowsRecipe>, 'flops' | 'byteCount'> {
  return {
    kernel: {
      name: kind,
      source: prelude({ THREAD_COUNT }) + source,
      bindings: ['uniform', 'read', 'write'],
    },
    recipe: { kind },
    workgroups: spreadWorkgroups(
      Math.ceil(quadCount / THREAD_COUNT),
      limits.maxComputeWorkgroupsPerDimension,
    ),
    params,
  };
}
