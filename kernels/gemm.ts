/** GEMM with epilogue: linear layers, strided convolutions and the grouped positional convolution. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { prelude, type Kernel, type KernelCall, type Params, type RecipeCall } from '../src/gpu/kernel.ts';
import commonSource from '../shaders/gemm_common.wgsl';
import finishSource from '../shaders/gemm_finish.wgsl';
import { activationSourceFor, type Activation } from './activation.ts';
import {
  chooseGemmVariant,
  FAMILY_SOURCES,
  gemmVariants,
  sizeClassOf,
  type GemmSize,
  type GemmVariant,
} from './gemm-variants.ts';
import {
  matrixLayout,
  WEIGHT_FORMATS,
  WEIGHT_SOURCES,
  type MatrixLayout,
  type WeightFormat,
} from './weight-format.ts';

/** `out = residual + activate(a × wᵀ + bias)`. Strides are in elements; those of a and w are multiples of 4. */
export interface GemmSpec {
  /** Rows of a and out in each batch. */
  readonly rows: number;
  /** Columns of out: rows of w in each group. */
  readonly columns: number;
  /** Length of the sum, a multiple of 4. */
  readonly inner: number;
  readonly aRowStride: number;
  /** Batches = items × groups. The batch index of item i and group g is i · groups + g. */
  readonly items: number;
  readonly groups: number;
  readonly aBatchStride: number;
  readonly outRowStride: number;
  readonly outItemStride: number;
  readonly outGroupStride: number;
  readonly outOffset: number;
  /** Columns written in the last group: `columns` plus out's channel padding. */
  readonly lastGroupColumns: number;
  /** The format of w in its buffer. */
  readonly weights: WeightFormat;
  readonly hasBias: boolean;
  /** Compiled in, but applied only if `hasActivation`, so that one pipeline serves all layers. */
  readonly activation: Activation;
  readonly hasActivation: boolean;
  readonly hasResidual: boolean;
}

export interface GemmRecipe {
  readonly kind: 'gemm';
  readonly activation: Activation;
  readonly weights: WeightFormat;
  readonly variant: GemmVariant;
}

/** A call with its specification, so that other variants of it can be planned. */
export interface GemmCall extends RecipeCall<GemmRecipe> {
  readonly spec: GemmSpec;
}

/** Default layout: one batch of contiguous rows, as in a linear layer. */
type ContiguousRows =
  | 'aRowStride'
  | 'items'
  | 'groups'
  | 'aBatchStride'
  | 'outRowStride'
  | 'outItemStride'
  | 'outGroupStride'
  | 'outOffset'
  | 'lastGroupColumns';

export const linearSpec = (
  options: Omit<GemmSpec, ContiguousRows> & Partial<Pick<GemmSpec, ContiguousRows>>,
): GemmSpec => ({
  aRowStride: options.inner,
  items: 1,
  groups: 1,
  aBatchStride: 0,
  outRowStride: options.columns,
  outItemStride: 0,
  outGroupStride: 0,
  outOffset: 0,
  lastGroupColumns: options.columns,
  ...options,
});

const sizeOf = ({ rows, columns, items, groups }: GemmSpec): GemmSize => ({
  rows,
  columns,
  batches: items * groups,
});

/** Products of one size class have roughly the same fastest variant, so few measurements serve all of them. */
export const gemmSizeClass = (spec: GemmSpec): string => `${spec.weights} ${sizeClassOf(sizeOf(spec))}`;

/** The variants that can compute this product here and are not distrusted. */
export function gemmCandidates(spec: GemmSpec, capabilities: GpuCapabilities): readonly GemmVariant[] {
  const { distrusted = [], limits } = capabilities;
  return gemmVariants(capabilities).filter(
    (variant) =>
      !distrusted.includes(gemmName(variant, spec.weights)) &&
      Math.max(...gridOf(variant, spec)) <= limits.maxComputeWorkgroupsPerDimension,
  );
}

/** The measured choice for this product, if there is one that can run here. */
export function tunedGemm(spec: GemmSpec, capabilities: GpuCapabilities): GemmVariant | undefined {
  const name = capabilities.tuned?.[gemmSizeClass(spec)];
  return name === undefined
    ? undefined
    : gemmCandidates(spec, capabilities).find((variant) => variant.name === name);
}

/** The variant for a plan: the measured choice, else the static choice among those that are trusted with this weight format. */
export function chooseGemm(spec: GemmSpec, capabilities: GpuCapabilities): GemmVariant {
  const { distrusted = [] } = capabilities;
  return (
    tunedGemm(spec, capabilities) ??
    chooseGemmVariant(
      sizeOf(spec),
      capabilities,
      (variant) => !distrusted.includes(gemmName(variant, spec.weights)),
    )
  );
}

/** The name under which a variant with its weight format is distrusted: `gemm_16x32_subgroup8_q8w`. */
export const gemmName = (variant: GemmVariant, weights: WeightFormat): string =>
  weights === 'f32' ? variant.name : `${variant.name}_${weights}w`;

function gridOf(variant: GemmVariant, spec: GemmSpec): KernelCall['workgroups'] {
  return [
    Math.ceil(Math.max(spec.columns, spec.lastGroupColumns) / variant.columns),
    Math.ceil(spec.rows / variant.rows),
    spec.items * spec.groups,
  ];
}

/** All sources that an adapter could compile, to tell whether measurements still belong to the same kernels. */
export const gemmSources = (capabilities: GpuCapabilities): string =>
  gemmVariants(capabilities)
    .flatMap((variant) =>
      WEIGHT_FORMATS.map((weights) => gemmKernel(variant, { activation: 'linear', weights }).source),
    )
    .join('\n');

/** The shader of a variant, completed by `finish`. */
export function gemmSource(
  variant: GemmVariant,
  { activation, weights }: Pick<GemmSpec, 'activation' | 'weights'>,
  finish: string,
): string {
  const { family, constants } = variant;
  return (
    prelude(constants, family === 'subgroup' ? ['enable subgroups'] : []) +
    activationSourceFor(activation) +
    commonSource +
    finish +
    WEIGHT_SOURCES[weights] +
    FAMILY_SOURCES[family].join('')
  );
}

function gemmKernel(
  variant: GemmVariant,
  { activation, weights }: Pick<GemmSpec, 'activation' | 'weights'>,
): Kernel {
  const name = gemmName(variant, weights);
  return {
    name: activation === 'linear' ? name : `${name}_${activation}`,
    source: gemmSource(variant, { activation, weights }, finishSource),
    bindings: ['uniform', 'read', 'read', 'read', 'read', 'write'],
    variant: name,
  };
}

/** Buffers in binding order: a, w, bias, residual, out. */
export function planGemm(
  spec: GemmSpec,
  capabilities: GpuCapabilities,
  variant: GemmVariant = chooseGemm(spec, capabilities),
): GemmCall {
  return {
    kernel: gemmKernel(variant, spec),
    recipe: { kind: 'gemm', activation: spec.activation, weights: spec.weights, variant },
    spec,
    workgroups: gridOf(variant, spec),
    params: { ...productParams(spec), ...NO_NORMS },
    ...gemmCost(spec),
  };
}

/** The first fields of the struct of gemm_common.wgsl, which every end of a GEMM reads. */
export function productParams(spec: GemmSpec): Params {
  const w = weightLayout(spec);
  return {
    row_count: spec.rows,
    column_count: spec.columns,
    last_group_column_count: spec.lastGroupColumns,
    inner4: spec.inner / 4,
    group_count: spec.groups,
    a_row_stride4: spec.aRowStride / 4,
    a_batch_stride4: spec.aBatchStride / 4,
    w_row_stride4: w.rowStride / 4,
    w_scales_start: w.scalesOffset / 4,
    out_offset: spec.outOffset,
    out_row_stride: spec.outRowStride,
    out_item_stride: spec.outItemStride,
    out_group_stride: spec.outGroupStride,
    has_bias: Number(spec.hasBias),
    has_activation: Number(spec.hasActivation),
    has_residual: Number(spec.hasResidual),
  };
}

/** The last fields of that struct, which only gemm_norm.wgsl reads. */
export type NormParams = Record<'norm_channel_count' | 'has_second_norm', number> &
  Record<'norm_epsilon' | 'second_norm_epsilon', { readonly f32: number }>;

const NO_NORMS: NormParams = {
  norm_channel_count: 0,
  norm_epsilon: { f32: 0 },
  has_second_norm: 0,
  second_norm_epsilon: { f32: 0 },
};

const weightLayout = ({ weights, groups, columns, inner }: GemmSpec): MatrixLayout =>
  matrixLayout(weights, { rows: groups * columns, rowLength: inner });

export function gemmCost(spec: GemmSpec): Pick<KernelCall, 'flops' | 'byteCount'> {
  const batches = spec.items * spec.groups;
  const outElements = batches * spec.rows * spec.columns;
  return {
    flops: 2 * outElements * spec.inner,
    byteCount:
      weightLayout(spec).byteLength +
      4 *
        (batches * spec.rows * Math.min(spec.inner, spec.aRowStride) +
          outElements * (spec.hasResidual ? 2 : 1)),
  };
}
