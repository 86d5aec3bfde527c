/** GEMM that normalises its rows in the same dispatch: convolution + layer norm + activation (+ the norm after it). */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import type { RecipeCall } from '../src/gpu/kernel.ts';
import normSource from '../shaders/gemm_norm.wgsl';
import type { Activation } from './activation.ts';
import {
  gemmCost,
  gemmName,
  gemmSource,
  linearSpec,
  productParams,
  type GemmSpec,
  type NormParams,
} from './gemm.ts';
import { rowVariants, type GemmVariant } from './gemm-variants.ts';
import type { WeightFormat } from './weight-format.ts';

/**
 * `out = activate(norm(a × wᵀ + bias))`, followed by the second norm if there is one. The product itself has one group, no residual
 * and no activation.
 */
export interface GemmNormSpec extends Omit<
  GemmSpec,
  'groups' | 'outGroupStride' | 'hasActivation' | 'hasResidual' | 'lastGroupColumns'
> {
  /** Number of channels that the norms cover. Columns after them are padding. */
  readonly channels: number;
  readonly epsilon: number;
  readonly secondEpsilon: number | undefined;
}

export interface GemmNormRecipe {
  readonly kind: 'gemm_norm';
  readonly activation: Activation;
  readonly weights: WeightFormat;
  readonly variant: GemmVariant;
}

/** A call with its specification, so that other variants of it can be planned. */
export interface GemmNormCall extends RecipeCall<GemmNormRecipe> {
  readonly spec: GemmNormSpec;
}

/** The product alone. */
export const productOf = (spec: GemmNormSpec): GemmSpec =>
  linearSpec({ ...spec, hasActivation: false, hasResidual: false });

/** For example `gemm_norm_16x32_subgroup8`. */
export const gemmNormName = (variant: GemmVariant, weights: WeightFormat): string =>
  gemmName(variant, weights).replace('gemm', 'gemm_norm');

/** The best guess among the trusted variants. If it is undefined, the operations must be planned separately. */
export const chooseGemmNorm = (
  weights: WeightFormat,
  capabilities: GpuCapabilities,
): GemmVariant | undefined =>
  rowVariants(capabilities).find(
    (variant) => !capabilities.distrusted?.includes(gemmNormName(variant, weights)),
  );

/** Buffers in binding order: a, w, bias, gamma, beta, gamma and beta of the second norm, out. */
export function planGemmNorm(spec: GemmNormSpec, variant: GemmVariant): GemmNormCall {
  const { activation, weights, channels, epsilon, secondEpsilon } = spec;
  const variantName = gemmNormName(variant, weights);
  const product = productOf(spec);
  const { flops, byteCount } = gemmCost(product);
  const normCount = secondEpsilon === undefined ? 1 : 2;
  const normParams: NormParams = {
    norm_channel_count: channels,
    norm_epsilon: { f32: epsilon },
    has_second_norm: normCount - 1,
    second_norm_epsilon: { f32: secondEpsilon ?? 0 },
  };
  return {
    kernel: {
      name: activation === 'linear' ? variantName : `${variantName}_${activation}`,
      source: gemmSource(variant, spec, normSource),
      bindings: ['uniform', 'read', 'read', 'read', 'read', 'read', 'read', 'read', 'write'],
      variant: variantName,
    },
    recipe: { kind: 'gemm_norm', activation, weights, variant },
    spec,
    workgroups: [1, Math.ceil(spec.rows / variant.rows), spec.items],
    params: { ...productParams(product), ...normParams },
    flops: flops + 8 * normCount * spec.items * spec.rows * channels,
    byteCount,
  };
}
