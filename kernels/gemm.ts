/** GEMM with epilogue: linear layers, strided convolutions and the grouped positional convolution. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { packParams, prelude, type Kernel, type RecipeCall } from '../src/gpu/kernel.ts';
import commonSource from '../shaders/gemm_common.wgsl';
import registerSource from '../shaders/gemm_register.wgsl';
import sharedSource from '../shaders/gemm_shared.wgsl';
import subgroupSource from '../shaders/gemm_subgroup.wgsl';
import { activationSourceFor, type Activation } from './activation.ts';

/** `out = residual + activate(a × wᵀ + bias)`; strides in elements, all of a and w multiples of 4. */
export interface GemmSpec {
  /** Rows of a and out in each batch. */
  readonly rows: number;
  /** Columns of out: rows of w in each group. */
  readonly columns: number;
  /** Length of the sum, a multiple of 4. */
  readonly inner: number;
  readonly aRowStride: number;
  /** Batches = items × groups; the batch index of item i and group g is i · groups + g. */
  readonly items: number;
  readonly groups: number;
  readonly aBatchStride: number;
  readonly outRowStride: number;
  readonly outItemStride: number;
  readonly outGroupStride: number;
  readonly outOffset: number;
  /** Columns written in the last group: `columns` plus out's channel padding. */
  readonly lastGroupColumns: number;
  readonly hasBias: boolean;
  /** The activation compiled in; it is applied only where `hasActivation`, so that one pipeline serves all layers. */
  readonly activation: Activation;
  readonly hasActivation: boolean;
  readonly hasResidual: boolean;
}

export interface GemmRecipe {
  readonly kind: 'gemm';
  readonly activation: Activation;
  readonly variant: GemmVariant;
}

/** A linear layer on contiguous rows: the common case of `GemmSpec`. */
export function linearSpec(options: {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly hasBias: boolean;
  readonly activation: Activation;
  readonly hasActivation: boolean;
  readonly hasResidual: boolean;
}): GemmSpec {
  return {
    ...options,
    aRowStride: options.inner,
    items: 1,
    groups: 1,
    aBatchStride: 0,
    outRowStride: options.columns,
    outItemStride: 0,
    outGroupStride: 0,
    outOffset: 0,
    lastGroupColumns: options.columns,
  };
}

/** Tile shapes. Every family computes the same; tests force each of them. */
export type GemmVariant =
  | {
      readonly family: 'subgroup';
      readonly subgroupSize: number;
      readonly rowBlocks: number;
      readonly columnBlocks: number;
    }
  | {
      readonly family: 'shared';
      readonly tileRows: number;
      readonly tileColumns: number;
      readonly tileInner: number;
      readonly threadRows: number;
      readonly threadColumns: number;
    }
  | {
      readonly family: 'register';
      readonly gridRows: number;
      readonly gridColumns: number;
      readonly threadRows: number;
      readonly threadColumns: number;
    };

const SHARED_LARGE: GemmVariant = {
  family: 'shared',
  tileRows: 64,
  tileColumns: 64,
  tileInner: 16,
  threadRows: 8,
  threadColumns: 8,
};
const SHARED_SMALL: GemmVariant = {
  family: 'shared',
  tileRows: 32,
  tileColumns: 32,
  tileInner: 16,
  threadRows: 4,
  threadColumns: 4,
};
const REGISTER: GemmVariant = {
  family: 'register',
  gridRows: 4,
  gridColumns: 8,
  threadRows: 4,
  threadColumns: 4,
};

const subgroupVariant = (subgroupSize: number, columnBlocks: number): GemmVariant => ({
  family: 'subgroup',
  subgroupSize,
  rowBlocks: Math.max(1, 16 / subgroupSize),
  columnBlocks,
});

/** Every variant that this adapter can run, best guess first. */
export function gemmVariants({ subgroupSize }: GpuCapabilities): readonly GemmVariant[] {
  const portable = [SHARED_LARGE, SHARED_SMALL, REGISTER];
  if (subgroupSize === undefined || subgroupSize > 32) return portable;
  if (subgroupSize > 8) return [...portable, subgroupVariant(subgroupSize, 2)];
  return [subgroupVariant(subgroupSize, 4), subgroupVariant(subgroupSize, 3), ...portable];
}

/**
 * The static choice, of the variants that are trusted; the last resort is the one that uses least of an adapter. Narrow subgroups mean a software adapter, where loads are dear and the subgroup family wins;
 * its tile width is the one that wastes the fewest columns. On GPUs the large tile is used once it fills the device.
 */
export function chooseGemmVariant(spec: GemmSpec, capabilities: GpuCapabilities): GemmVariant {
  const { distrusted } = capabilities;
  const preferences = [...gemmPreferences(spec, capabilities), REGISTER];
  return preferences.find((variant) => !distrusted?.includes(gemmVariantName(variant))) ?? REGISTER;
}

function gemmPreferences(spec: GemmSpec, { subgroupSize }: GpuCapabilities): readonly GemmVariant[] {
  const largeTileCount = Math.ceil(spec.rows / 64) * Math.ceil(spec.columns / 64) * spec.items * spec.groups;
  const shared = largeTileCount >= 64 ? [SHARED_LARGE, SHARED_SMALL] : [SHARED_SMALL];
  if (subgroupSize !== undefined && subgroupSize <= 8) {
    const waste = (blocks: number) =>
      Math.ceil(spec.columns / (blocks * subgroupSize)) * blocks * subgroupSize;
    return [subgroupVariant(subgroupSize, waste(3) < waste(4) ? 3 : 4), ...shared];
  }
  return shared;
}

export function gemmVariantName(variant: GemmVariant): string {
  switch (variant.family) {
    case 'subgroup':
      return `gemm_${variant.rowBlocks * variant.subgroupSize}x${variant.columnBlocks * variant.subgroupSize}_subgroup${variant.subgroupSize}`;
    case 'shared':
      return `gemm_${variant.tileRows}x${variant.tileColumns}x${variant.tileInner}_shared`;
    case 'register':
      return `gemm_${variant.gridRows * variant.threadRows}x${variant.gridColumns * variant.threadColumns}_register`;
  }
}

function tileOf(variant: GemmVariant): { readonly rows: number; readonly columns: number } {
  switch (variant.family) {
    case 'subgroup':
      return {
        rows: variant.rowBlocks * variant.subgroupSize,
        columns: variant.columnBlocks * variant.subgroupSize,
      };
    case 'shared':
      return { rows: variant.tileRows, columns: variant.tileColumns };
    case 'register':
      return {
        rows: variant.gridRows * variant.threadRows,
        columns: variant.gridColumns * variant.threadColumns,
      };
  }
}

function gemmKernel(variant: GemmVariant, activation: Activation): Kernel {
  const { head, body } = shaderOf(variant);
  return {
    name: activation === 'linear' ? gemmVariantName(variant) : `${gemmVariantName(variant)}_${activation}`,
    source: head + activationSourceFor(activation) + commonSource + body,
    bindings: ['uniform', 'read', 'read', 'read', 'read', 'write'],
    variant: gemmVariantName(variant),
  };
}

function shaderOf(variant: GemmVariant): { readonly head: string; readonly body: string } {
  switch (variant.family) {
    case 'subgroup':
      return {
        head: prelude(
          {
            SUBGROUP_SIZE: variant.subgroupSize,
            ROW_BLOCKS: variant.rowBlocks,
            COLUMN_BLOCKS: variant.columnBlocks,
          },
          ['enable subgroups'],
        ),
        body: subgroupSource,
      };
    case 'shared':
      return {
        head: prelude({
          TILE_ROWS: variant.tileRows,
          TILE_COLUMNS: variant.tileColumns,
          TILE_INNER4: variant.tileInner / 4,
          THREAD_ROWS: variant.threadRows,
          THREAD_COLUMNS: variant.threadColumns,
        }),
        body: sharedSource,
      };
    case 'register':
      return {
        head: prelude({
          GRID_ROWS: variant.gridRows,
          GRID_COLUMNS: variant.gridColumns,
          THREAD_ROWS: variant.threadRows,
          THREAD_COLUMNS: variant.threadColumns,
        }),
        body: registerSource,
      };
  }
}

/** Buffers in binding order: a, w, bias, residual, out. */
export function planGemm(
  spec: GemmSpec,
  capabilities: GpuCapabilities,
  variant: GemmVariant = chooseGemmVariant(spec, capabilities),
): RecipeCall<GemmRecipe> {
  const tile = tileOf(variant);
  const batches = spec.items * spec.groups;
  const outElements = batches * spec.rows * spec.columns;
  return {
    kernel: gemmKernel(variant, spec.activation),
    recipe: { kind: 'gemm', activation: spec.activation, variant },
    workgroups: [
      Math.ceil(Math.max(spec.columns, spec.lastGroupColumns) / tile.columns),
      Math.ceil(spec.rows / tile.rows),
      batches,
    ],
    params: packParams([
      spec.rows,
      spec.columns,
      spec.lastGroupColumns,
      spec.inner / 4,
      spec.groups,
      spec.aRowStride / 4,
      spec.aBatchStride / 4,
      (spec.columns * spec.inner) / 4,
      spec.outOffset,
      spec.outRowStride,
      spec.outItemStride,
      spec.outGroupStride,
      Number(spec.hasBias),
      Number(spec.hasActivation),
      Number(spec.hasResidual),
    ]),
    flops: 2 * outElements * spec.inner,
    byteCount:
      4 *
      (batches * spec.rows * Math.min(spec.inner, spec.aRowStride) +
        spec.groups * spec.columns * spec.inner +
        outElements * (spec.hasResidual ? 2 : 1)),
  };
}
