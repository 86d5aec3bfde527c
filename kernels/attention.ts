/** Fused self-attention with a key-padding mask, and the attention weights if a caller requests them. */
import { isNarrow, type GpuCapabilities } from '../src/gpu/capabilities.ts';
import {
  ceil4,
  prelude,
  type Binding,
  type Constant,
  type Params,
  type RecipeCall,
} from '../src/gpu/kernel.ts';
import commonSource from '../shaders/attention_common.wgsl';
import registerSource from '../shaders/attention_register.wgsl';
import tiledSource from '../shaders/attention_tiled.wgsl';
import unbiasedSource from '../shaders/attention_unbiased.wgsl';
import weightsSource from '../shaders/attention_weights.wgsl';
import workgroupSumSource from '../shaders/workgroup_sum.wgsl';

/** Items, frames and heads of a call. */
interface AttentionSize {
  readonly items: number;
  readonly frames: number;
  readonly heads: number;
}

/** What a bias of the scores changes in the kernels (`position-bias.ts`). It comes with the models that have one. */
export interface AttentionBias {
  /** All distances of this many frames or more, on one side, have the same bias. */
  readonly reach: number;
  /** The end of the kernels' names: what is compiled in. */
  readonly name: string;
  readonly constants: Readonly<Record<string, Constant>>;
  /** The functions by which the kernels add the bias, in place of those of `attention_unbiased.wgsl`. */
  readonly source: string;
  /** Operations and bytes that it adds. */
  readonly costOf: (size: AttentionSize) => { readonly flops: number; readonly byteCount: number };
}

export interface AttentionSpec extends AttentionSize {
  /** Real head size. In memory a head is padded with zeros to a multiple of 4. */
  readonly headSize: number;
  /** Without it scores have none. */
  readonly bias?: AttentionBias | undefined;
}

export interface AttentionVariant {
  readonly family: 'register' | 'tiled';
  /** Queries per workgroup. */
  readonly queryRows: number;
}

export interface AttentionRecipe extends Pick<AttentionSpec, 'headSize' | 'bias'> {
  readonly kind: 'attention';
  readonly variant: AttentionVariant;
}

/** A call with its specification, so that other variants of it can be planned. */
export interface AttentionCall extends RecipeCall<AttentionRecipe> {
  readonly spec: AttentionSpec;
}

export interface AttentionWeightsRecipe extends Pick<AttentionSpec, 'headSize' | 'bias'> {
  readonly kind: 'attention_weights';
}

const WEIGHTS_THREAD_COUNT = 64;
/** Queries per thread of the register family. */
const REGISTER_THREAD_QUERIES = 4;
/** Quads of a head for which a register-family thread keeps sums: 4 KiB, half of what WGSL allows a function. */
const MAX_SUM_QUADS = 64;

/** Threads along each side of a workgroup of the tiled family. */
const TILED_GRID = 8;
/** Queries per workgroup of the tiled family, best first. Fewer queries need less workgroup memory. */
const TILED_QUERY_ROWS = [32, 16] as const;
/** A larger head would need more sums than a thread has registers. */
const MAX_TILED_HEAD4 = 4 * TILED_GRID;
/** From this count on, workgroups of 32 queries fill a GPU. Below it, more and smaller workgroups fill it better. */
const MIN_TILED_WORKGROUPS = 64;

const head4 = (spec: AttentionSpec): number => ceil4(spec.headSize) / 4;
/** The padded head size and the reach of a bias are compiled in. */
const specName = (spec: AttentionSpec): string => `head${4 * head4(spec)}${spec.bias?.name ?? ''}`;

/** Every adapter can run it, for any head size. The workgroup is as wide as a software adapter's registers, or a GPU's subgroup. */
const registerVariant = ({ subgroupSize }: GpuCapabilities): AttentionVariant => ({
  family: 'register',
  queryRows: REGISTER_THREAD_QUERIES * (isNarrow(subgroupSize) ? 8 : 32),
});

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
  const tiled = tiledVariants(spec, capabilities);
  const register = registerVariant(capabilities);
  return isNarrow(capabilities.subgroupSize) ? [register, ...tiled] : [...tiled, register];
}

export function attentionVariantName({ family, queryRows }: AttentionVariant): string {
  const keyRows = family === 'tiled' ? `x${4 * TILED_GRID}` : '';
  return `attention_${queryRows}${keyRows}_${family}`;
}

const sumQuads = (spec: AttentionSpec): number => Math.min(head4(spec), MAX_SUM_QUADS);

function attentionSource(spec: AttentionSpec, { family, queryRows: QUERY_ROWS }: AttentionVariant): string {
  const THREAD_COUNT = QUERY_ROWS / REGISTER_THREAD_QUERIES;
  return family === 'tiled'
    ? commonSourceFor(spec, { QUERY_ROWS, GRID: TILED_GRID }) + tiledSource
    : commonSourceFor(spec, { THREAD_COUNT, SUM_QUADS: sumQuads(spec) }) + registerSource;
}

/** What all kernels of attention have in common. */
const commonSourceFor = (spec: AttentionSpec, constants: Readonly<Record<string, number>>): string =>
  prelude({ HEAD4: head4(spec), ...constants, ...spec.bias?.constants }) +
  commonSource +
  (spec.bias?.source ?? unbiasedSource);

const NO_COST = { flops: 0, byteCount: 0 };
const biasCost = (spec: AttentionSpec) => spec.bias?.costOf(spec) ?? NO_COST;

const bindingsFor = ({ bias }: AttentionSpec): readonly Binding[] => [
  'uniform',
  'read',
  'read',
  'write',
  ...(bias === undefined ? [] : (['read', 'read'] as const)),
];

const attentionParams = (spec: AttentionSpec): Params => ({
  frame_count: spec.frames,
  head_count: spec.heads,
  scale: { f32: spec.headSize ** -0.5 },
  head_quads: head4(spec),
});

/** The best guess among the trusted variants. The last resort is the variant that every adapter can run. */
function chooseAttentionVariant(spec: AttentionSpec, capabilities: GpuCapabilities): AttentionVariant {
  const { distrusted } = capabilities;
  const trusted = attentionVariants(spec, capabilities).find(
    (variant) => !distrusted?.includes(attentionVariantName(variant)),
  );
  return trusted ?? registerVariant(capabilities);
}

/** Buffers in binding order: qkv, key counts, out; gates and biases if there is a bias. */
export function planAttention(
  spec: AttentionSpec,
  capabilities: GpuCapabilities,
  variant: AttentionVariant = chooseAttentionVariant(spec, capabilities),
): AttentionCall {
  const width = spec.heads * head4(spec) * 4;
  const parts = variant.family === 'register' ? Math.ceil(head4(spec) / sumQuads(spec)) : 1;
  const bias = biasCost(spec);
  return {
    kernel: {
      name: `${attentionVariantName(variant)}_${specName(spec)}`,
      source: attentionSource(spec, variant),
      bindings: bindingsFor(spec),
      variant: attentionVariantName(variant),
    },
    recipe: { kind: 'attention', headSize: spec.headSize, bias: spec.bias, variant },
    spec,
    workgroups: [Math.ceil(spec.frames / variant.queryRows), spec.heads * parts, spec.items],
    params: attentionParams(spec),
    flops: 4 * spec.items * spec.frames ** 2 * spec.heads * spec.headSize + bias.flops,
    byteCount: 4 * spec.items * spec.frames * width * 4 + bias.byteCount,
  };
}

/** Weights after softmax, [item][head][query][key]. Buffers in binding order: as of `planAttention`, the weights in place of out. */
export function planAttentionWeights(spec: AttentionSpec): RecipeCall<AttentionWeightsRecipe> {
  const bias = biasCost(spec);
  return {
    kernel: {
      name: `attention_weights_${specName(spec)}`,
      source:
        commonSourceFor(spec, { THREAD_COUNT: WEIGHTS_THREAD_COUNT, SUM_WIDTH: 1 }) +
        workgroupSumSource +
        weightsSource,
      bindings: bindingsFor(spec),
    },
    recipe: { kind: 'attention_weights', headSize: spec.headSize, bias: spec.bias },
    workgroups: [spec.frames, spec.heads, spec.items],
    params: attentionParams(spec),
    flops: 2 * spec.items * spec.frames ** 2 * spec.heads * spec.headSize + bias.flops,
    byteCount:
      4 * spec.items * spec.heads * (2 * spec.frames * head4(spec) * 4 + spec.frames ** 2) + bias.byteCount,
  };
}
