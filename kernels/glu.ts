/** The gated linear unit (Dauphin et al., 2017; `torch.nn.functional.glu` over the channels). */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, prelude, type RecipeCall } from '../src/gpu/kernel.ts';
import gluSource from '../shaders/glu.wgsl';
import { activationSourceFor } from './activation.ts';
import { spreadWorkgroups } from './spread.ts';

export interface GluSpec {
  readonly rows: number;
  /** Of the output; the input has twice as many. */
  readonly channels: number;
}

export interface GluRecipe {
  readonly kind: 'glu';
}

const THREAD_COUNT = 64;

/** Buffers in binding order: x, out. */
export function planGlu({ rows, channels }: GluSpec, { limits }: GpuCapabilities): RecipeCall<GluRecipe> {
  const channelQuads = ceil4(channels) / 4;
  const quadCount = rows * channelQuads;
  const xStride = ceil4(2 * channels);
  return {
    kernel: {
      name: 'glu',
      source: prelude({ THREAD_COUNT }) + activationSourceFor('sigmoid') + gluSource,
      bindings: ['uniform', 'read', 'write'],
    },
    recipe: { kind: 'glu' },
    workgroups: spreadWorkgroups(
      Math.ceil(quadCount / THREAD_COUNT),
      limits.maxComputeWorkgroupsPerDimension,
    ),
    params: {
      quad_count: quadCount,
      channel_count: channels,
      channel_quads: channelQuads,
      x_stride: xStride,
    },
    flops: rows * channels,
    byteCount: 4 * rows * xStride + 16 * quadCount,
  };
}
