/** Layer norm over channels, with optional residual before and activation after. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, prelude, type RecipeCall } from '../src/gpu/kernel.ts';
import layerNormSource from '../shaders/layer_norm.wgsl';
import workgroupSumSource from '../shaders/workgroup_sum.wgsl';
import { activationSourceFor, type Activation } from './activation.ts';
import { spreadWorkgroups } from './spread.ts';

export interface LayerNormSpec {
  readonly rows: number;
  readonly channels: number;
  readonly epsilon: number;
  readonly hasResidual: boolean;
  /** Whether there are gamma and beta. */
  readonly hasAffine: boolean;
  readonly activation: Activation;
  readonly hasActivation: boolean;
  /** Index of the first element of out. */
  readonly outOffset: number;
}

export interface LayerNormRecipe {
  readonly kind: 'layer_norm';
  readonly activation: Activation;
}

const THREAD_COUNT = 64;

/** Buffers in binding order: x, residual, gamma, beta, out. */
export function planLayerNorm(spec: LayerNormSpec, { limits }: GpuCapabilities): RecipeCall<LayerNormRecipe> {
  const channelStride = ceil4(spec.channels);
  return {
    kernel: {
      name: `layer_norm_${spec.activation}`,
      source:
        prelude({ THREAD_COUNT, SUM_WIDTH: 2 }) +
        activationSourceFor(spec.activation) +
        workgroupSumSource +
        layerNormSource,
      bindings: ['uniform', 'read', 'read', 'read', 'read', 'write'],
    },
    recipe: { kind: 'layer_norm', activation: spec.activation },
    workgroups: spreadWorkgroups(spec.rows, limits.maxComputeWorkgroupsPerDimension),
    params: {
      row_count: spec.rows,
      channel_count: spec.channels,
      channel_stride: channelStride,
      epsilon: { f32: spec.epsilon },
      has_residual: Number(spec.hasResidual),
      has_affine: Number(spec.hasAffine),
      has_activation: Number(spec.hasActivation),
      out_offset: spec.outOffset,
    },
    flops: 8 * spec.rows * spec.channels,
    byteCount: 4 * spec.rows * channelStride * (spec.hasResidual ? 3 : 2),
  };
}
