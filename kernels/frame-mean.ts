/** The mean over the frames of each item, as a term of a weighted sum. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, prelude, type RecipeCall } from '../src/gpu/kernel.ts';
import frameMeanSource from '../shaders/frame_mean.wgsl';
import workgroupSumSource from '../shaders/workgroup_sum.wgsl';
import { spreadWorkgroups } from './spread.ts';

export interface FrameMeanSpec {
  readonly items: number;
  readonly frames: number;
  readonly channels: number;
  /** The element of the weights that is the factor of the mean. Without it 1. */
  readonly weightIndex: number | undefined;
  /** Whether earlier terms are added. */
  readonly hasTotal: boolean;
}

export interface FrameMeanRecipe {
  readonly kind: 'frame_mean';
}

const THREAD_COUNT = 64;

/** Buffers in binding order: x, counts (one u32 per item), weights, total, out. */
export function planFrameMean(spec: FrameMeanSpec, { limits }: GpuCapabilities): RecipeCall<FrameMeanRecipe> {
  const channelStride = ceil4(spec.channels);
  const quadCount = (spec.items * channelStride) / 4;
  return {
    kernel: {
      name: 'frame_mean',
      source: prelude({ THREAD_COUNT, SUM_WIDTH: 4 }) + workgroupSumSource + frameMeanSource,
      bindings: ['uniform', 'read', 'read', 'read', 'read', 'write'],
    },
    recipe: { kind: 'frame_mean' },
    workgroups: spreadWorkgroups(quadCount, limits.maxComputeWorkgroupsPerDimension),
    params: {
      quad_count: quadCount,
      frame_count: spec.frames,
      channel_quads: channelStride / 4,
      weight_index: spec.weightIndex ?? 0,
      has_weight: Number(spec.weightIndex !== undefined),
      has_total: Number(spec.hasTotal),
    },
    flops: spec.items * spec.frames * spec.channels,
    byteCount: 16 * quadCount * (spec.frames + (spec.hasTotal ? 2 : 1)),
  };
}
