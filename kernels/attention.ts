/** Fused self-attention with a key-padding mask, and the attention weights where a caller asks for them. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, packParams, prelude, type RecipeCall } from '../src/gpu/kernel.ts';
import commonSource from '../shaders/attention_common.wgsl';
import sharedSource from '../shaders/attention_shared.wgsl';
import subgroupSource from '../shaders/attention_subgroup.wgsl';
import tiledSource from '../shaders/attention_tiled.wgsl';
import weightsSource from '../shaders/attention_weights.wgsl';
import workgroupSumSource from '../shaders/workgroup_sum.wgsl';

export interface AttentionSpec {
  readonly items: number;
  readonly frames: number;
  readonly heads: number;
  /** Real head size; in memory a head is padded with zeros to a multiple of 4. */
  readonly headSize: number;
}

export type AttentionVariant =
  | { readonly family: 'subgroup'; readonly subgroupSize: number; readonly rowBlocks: number }
  | { readonly family: 'tiled'; readonly queryRows: number }
  | {
      readonly family: 'shared';
      readonly queryRows: number;
      readonly keyRows: number;
      readonly threadCount: number;
    };

export interface AttentionRecipe {
  readonly kind: 'attention';
  readonly headSize: number;
  readonly variant: AttentionVariant;
}

/** A call that says what it attends to, so that other variants of it can be planned. */
export interface AttentionCall extends RecipeCall<AttentionRecipe> {
  readonly spec: AttentionSpec;
}

export interface AttentionWeightsRecipe {
  readonly kind: 'attention_weights';
  readonly headSize: number;
}

const WEIGHTS_THREAD_COUNT = 64;
/**
 * Registers that the subgroup family may fill with sums, in vec4s a lane. Twice as many made a base model's attention a third
 * faster on lavapipe and its shader three times as slow to compile, which a first run does not earn back.
 */
const MAX_QUADS_A_LANE = 16;

/** Subgroup widths of keys between two barriers of the subgroup family. */
const KEY_BLOCKS = 4;

/** Threads along each side of a workgroup of the tiled family. */
const TILED_GRID = 8;
/** Queries of a workgroup of the tiled family, best first: the fewer, the less workgroup memory they need. */
const TILED_QUERY_ROWS = [32, 16] as const;
/** Larger heads would need more sums than a thread has registers for. */
const MAX_TILED_HEAD4 = 4 * TILED_GRID;
/** From here on workgroups of 32 queries fill a GPU; below, more and smaller ones do it better. */
const MIN_TILED_WORKGROUPS = 64;

const head4 = (spec: AttentionSpec): number => ceil4(spec.headSize) / 4;
/** The padded head size is compiled in. */
const headName = (spec: AttentionSpec): string => `head${4 * head4(spec)}`;

/** The workgroup-memory variant: the largest blocks that fit, since any head size is allowed. */
function sharedVariant(spec: AttentionSpec, { limits }: GpuCapabilities): AttentionVariant {
  for (const rows of [16, 8, 4, 2, 1]) {
    const byteLength =
      16 * (rows * head4(spec) + rows * (head4(spec) + 1)) + 4 * (rows * rows + 3 * rows + 1);
    if (byteLength <= limits.maxComputeWorkgroupStorageSize) {
      return { family: 'shared', queryRows: rows, keyRows: rows, threadCount: 64 };
    }
  }
  return { family: 'shared', queryRows: 1, keyRows: 1, threadCount: 64 };
}

/** As declared in attention_tiled.wgsl: queries, keys or values, weights, parts. */
function tiledByteLength(spec: AttentionSpec, queryRows: number): number {
  const rowLength4 = Math.ceil(head4(spec) / TILED_GRID) * TILED_GRID + 1;
  const keyRows = 4 * TILED_GRID;
  return (
    16 * ((queryRows + keyRows) * rowLength4 + queryRows * (TILED_GRID + 1)) + 4 * queryRows * TILED_GRID
  );
}

function tiledVariants(spec: AttentionSpec, { limits }: GpuCapabilities): readonly AttentionVariant[] {
  if (head4(spec) > MAX_TILED_HEAD4) return [];
  const fitting = TILED_QUERY_ROWS.filter(
    (queryRows) => tiledByteLength(spec, queryRows) <= limits.maxComputeWorkgroupStorageSize,
  ).map((queryRows) => ({ family: 'tiled', queryRows }) as const);
  const workgroups = Math.ceil(spec.frames / TILED_QUERY_ROWS[0]) * spec.heads * spec.items;
  return workgroups < MIN_TILED_WORKGROUPS ? fitting.toReversed() : fitting;
}

/** Every variant that this adapter can run, best guess first. */
export function attentionVariants(
  spec: AttentionSpec,
  capabilities: GpuCapabilities,
): readonly AttentionVariant[] {
  const { subgroupSize } = capabilities;
  const shared = [...tiledVariants(spec, capabilities), sharedVariant(spec, capabilities)];
  if (subgroupSize === undefined || subgroupSize > 32) return shared;
  const laneQuads = Math.ceil(head4(spec) / subgroupSize);
  const rowBlocks = [4, 2].find((blocks) => blocks * subgroupSize * laneQuads <= MAX_QUADS_A_LANE) ?? 1;
  const subgroup: AttentionVariant = { family: 'subgroup', subgroupSize, rowBlocks };
  // Narrow subgroups mean a software adapter, where staging in workgroup memory only adds copies.
  return subgroupSize <= 8 ? [subgroup, ...shared] : [...shared, subgroup];
}

/** Queries that one workgroup owns. */
const queryRows = (variant: AttentionVariant): number =>
  variant.family === 'subgroup' ? variant.rowBlocks * variant.subgroupSize : variant.queryRows;

export function attentionVariantName(variant: AttentionVariant): string {
  switch (variant.family) {
    case 'subgroup':
      return `attention_${queryRows(variant)}_subgroup${variant.subgroupSize}`;
    case 'tiled':
      return `attention_${variant.queryRows}x${4 * TILED_GRID}_tiled`;
    case 'shared':
      return `attention_${variant.queryRows}x${variant.keyRows}_shared`;
  }
}

function attentionSource(spec: AttentionSpec, variant: AttentionVariant): string {
  const HEAD4 = head4(spec);
  switch (variant.family) {
    case 'subgroup': {
      const { subgroupSize: SUBGROUP_SIZE, rowBlocks: ROW_BLOCKS } = variant;
      const head = prelude({ HEAD4, SUBGROUP_SIZE, ROW_BLOCKS, KEY_BLOCKS }, ['enable subgroups']);
      return head + commonSource + subgroupSource;
    }
    case 'tiled':
      return prelude({ HEAD4, QUERY_ROWS: variant.queryRows, GRID: TILED_GRID }) + commonSource + tiledSource;
    case 'shared': {
      const { queryRows: QUERY_ROWS, keyRows: KEY_ROWS, threadCount: THREAD_COUNT } = variant;
      return prelude({ HEAD4, QUERY_ROWS, KEY_ROWS, THREAD_COUNT }) + commonSource + sharedSource;
    }
  }
}

const params = (spec: AttentionSpec): Uint32Array =>
  packParams([spec.frames, spec.heads, { f32: spec.headSize ** -0.5 }, head4(spec)]);

/** The best guess of those that are trusted; the last resort is the variant that every adapter can run. */
function chooseAttentionVariant(spec: AttentionSpec, capabilities: GpuCapabilities): AttentionVariant {
  const { distrusted } = capabilities;
  const trusted = attentionVariants(spec, capabilities).find(
    (variant) => !distrusted?.includes(attentionVariantName(variant)),
  );
  return trusted ?? sharedVariant(spec, capabilities);
}

/** Buffers in binding order: qkv, key counts, out. */
export function planAttention(
  spec: AttentionSpec,
  capabilities: GpuCapabilities,
  variant: AttentionVariant = chooseAttentionVariant(spec, capabilities),
): AttentionCall {
  const width = spec.heads * head4(spec) * 4;
  return {
    kernel: {
      name: `${attentionVariantName(variant)}_${headName(spec)}`,
      source: attentionSource(spec, variant),
      bindings: ['uniform', 'read', 'read', 'write'],
      variant: attentionVariantName(variant),
    },
    recipe: { kind: 'attention', headSize: spec.headSize, variant },
    spec,
    workgroups: [Math.ceil(spec.frames / queryRows(variant)), spec.heads, spec.items],
    params: params(spec),
    flops: 4 * spec.items * spec.frames ** 2 * spec.heads * spec.headSize,
    byteCount: 4 * spec.items * spec.frames * width * 4,
  };
}

/** Weights after softmax, [item][head][query][key]. Buffers in binding order: qkv, key counts, weights. */
export function planAttentionWeights(spec: AttentionSpec): RecipeCall<AttentionWeightsRecipe> {
  return {
    kernel: {
      name: `attention_weights_${headName(spec)}`,
      source:
        prelude({ HEAD4: head4(spec), THREAD_COUNT: WEIGHTS_THREAD_COUNT, SUM_WIDTH: 1 }) +
        commonSource +
        workgroupSumSource +
        weightsSource,
      bindings: ['uniform', 'read', 'read', 'write'],
    },
    recipe: { kind: 'attention_weights', headSize: spec.headSize },
    workgroups: [spec.frames, spec.heads, spec.items],
    params: params(spec),
    flops: 2 * spec.items * spec.frames ** 2 * spec.heads * spec.headSize,
    byteCount: 4 * spec.items * spec.heads * (2 * spec.frames * head4(spec) * 4 + spec.frames ** 2),
  };
}
