/** Mean and standard deviation over the frames of each item. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, prelude, type RecipeCall } from '../src/gpu/kernel.ts';
import frameStatisticsSource from '../shaders/frame_statistics.wgsl';
import workgroupSumSource from '../shaders/workgroup_sum.wgsl';
import { spreadWorkgroups } from './spread.ts';

export interface FrameStatisticsSpec {
  readonly items: number;
  readonly frames: number;
  readonly channels: number;
}

export interface FrameStatisticsRecipe {
  readonly kind: 'frame_statistics';
}

const THREAD_COUNT = 64;

/** Buffers in binding order: x, counts (one u32 per item, at least 2), out. */
export function planFrameStatistics(
  { items, frames, channels }: FrameStatisticsSpec,
  { limits }: GpuCapabilities,
): RecipeCall<FrameStatisticsRecipe> {
  const channelQuads = ceil4(channels) / 4;
  const quadCount = items * channelQuads;
  const outStride = ceil4(2 * channels);
  return {
    kernel: {
      name: 'frame_statistics',
      source: prelude({ THREAD_COUNT, SUM_WIDTH: 8 }) + workgroupSumSource + frameStatisticsSource,
      bindings: ['uniform', 'read', 'read', 'write'],
    },
    recipe: { kind: 'frame_statistics' },
    workgroups: spreadWorkgroups(quadCount, limits.maxComputeWorkgroupsPerDimension),
    params: {
      quad_count: quadCount,
      frame_count: frames,
      channel_count: channels,
      channel_quads: channelQuads,
      out_stride: outStride,
    },
    flops: 5 * items * frames * channels,
    byteCount: 16 * quadCount * frames + 4 * items * outStride,
  };
}
