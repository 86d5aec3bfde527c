/** The first convolution with its norm and activation: audio samples in, [time, channel] out. */
import { ceil4, prelude, type Params, type RecipeCall } from '../src/gpu/kernel.ts';
import groupNormSource from '../shaders/conv0_group_norm.wgsl';
import layerNormSource from '../shaders/conv0_layer_norm.wgsl';
import mergeSource from '../shaders/conv0_merge.wgsl';
import statisticsSource from '../shaders/conv0_statistics.wgsl';
import windowSource from '../shaders/conv0_window.wgsl';
import writeSource from '../shaders/conv0_write.wgsl';
import { activationSourceFor, type Activation } from './activation.ts';
import { spreadWorkgroups } from './spread.ts';

export interface Conv0Spec {
  readonly items: number;
  /** Samples of each item; also the row stride of the audio buffer. */
  readonly sampleCount: number;
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly hasBias: boolean;
  readonly activation: Activation;
  readonly epsilon: number;
  /** The tile of output rows to compute. */
  readonly firstRow: number;
  readonly rows: number;
}

export interface Conv0Recipe {
  readonly kind: 'conv0_layer_norm' | 'conv0_group_norm' | 'conv0_statistics' | 'conv0_merge';
  readonly spec: Conv0Spec;
}

/** Of a workgroup; with layer norm at most. */
const THREAD_COUNT = 64;
/** A software adapter runs eight threads at once. */
const MIN_THREAD_COUNT = 8;
/** Workgroups that every adapter allows in one dimension of a dispatch. */
const MAX_WORKGROUPS = 65535;
/** Rows that a thread computes together. */
const BLOCK_ROWS = 4;
/** Rows per workgroup. More rows give more multiply-adds per loaded tap. */
const MAX_GROUP_ROWS = 64;
/** Samples that a workgroup stages: half of the workgroup memory that every adapter has. */
const MAX_SPAN = 2048;

/** Rows of the first convolution over a whole clip. */
export const conv0RowCount = (spec: Pick<Conv0Spec, 'sampleCount' | 'kernel' | 'stride'>): number =>
  Math.floor((spec.sampleCount - spec.kernel) / spec.stride) + 1;

/** Rows per workgroup: whole blocks whose audio fits the span, at least one. */
const groupRows = ({ kernel }: Conv0Spec, maxRows: number): number =>
  Math.max(BLOCK_ROWS, Math.min(maxRows, BLOCK_ROWS * Math.floor(MAX_SPAN / (BLOCK_ROWS * kernel))));

/** The constants of all passes except the merge. */
function constants(
  spec: Conv0Spec,
  GROUP_ROWS: number,
  threadCount = THREAD_COUNT,
): Readonly<Record<string, number>> {
  return {
    THREAD_COUNT: threadCount,
    GROUP_ROWS,
    KERNEL: spec.kernel,
    STRIDE: spec.stride,
    CHANNEL_COUNT: spec.channels,
  };
}

/** Channels, kernel and stride are compiled in, so kernel names contain them: `512k10s5`. */
const geometryName = ({ channels, kernel, stride }: Conv0Spec): string => `${channels}k${kernel}s${stride}`;

const rowGrid = (spec: Conv0Spec, rows: number, depth: number): readonly [number, number, number] => {
  const [x, y] = spreadWorkgroups(Math.ceil(spec.rows / rows), MAX_WORKGROUPS);
  return [x, y, depth];
};

/** The tile parameters of both passes that write rows. */
const tileParams = (spec: Conv0Spec): Params => ({
  sample_count: spec.sampleCount,
  audio_stride: spec.sampleCount,
  first_sample: spec.firstRow * spec.stride,
  row_count: spec.rows,
  channel_stride: ceil4(spec.channels),
});

/** Number of workgroups across the channels, with four channels per thread. */
const channelBlocks = ({ channels }: Conv0Spec): number => Math.ceil(channels / 4 / THREAD_COUNT);

const convolutionFlops = (spec: Conv0Spec): number =>
  2 * spec.items * spec.rows * spec.channels * spec.kernel;
const ioByteCount = (spec: Conv0Spec): number =>
  4 * spec.items * (spec.rows * spec.stride + spec.rows * ceil4(spec.channels));

/**
 * As many threads as have four channels each, a power of two of at least 8. A workgroup owns whole rows, and where channels are few, the others would only wait at
 * its barriers: with 64 threads 32 channels took 3.6 times as long as with 8 on lavapipe, 7.7 times on SwiftShader.
 */
const threadsOfRow = ({ channels }: Conv0Spec): number =>
  Math.min(THREAD_COUNT, Math.max(MIN_THREAD_COUNT, 2 ** Math.ceil(Math.log2(channels / 4))));

/** For `feat_extract_norm: "layer"`. Buffers in binding order: audio, w, bias, gamma, beta, out. */
export function planConv0LayerNorm(spec: Conv0Spec): RecipeCall<Conv0Recipe> {
  return {
    kernel: {
      name: `conv0_layer_norm_${geometryName(spec)}${spec.hasBias ? '_bias' : ''}_${spec.activation}`,
      source:
        prelude({ ...constants(spec, BLOCK_ROWS, threadsOfRow(spec)), HAS_BIAS: spec.hasBias }) +
        activationSourceFor(spec.activation) +
        windowSource +
        writeSource +
        layerNormSource,
      bindings: ['uniform', 'read', 'read', 'read', 'read', 'read', 'write'],
    },
    recipe: { kind: 'conv0_layer_norm', spec },
    workgroups: rowGrid(spec, BLOCK_ROWS, spec.items),
    params: { ...tileParams(spec), epsilon: { f32: spec.epsilon }, one: 1 },
    flops: convolutionFlops(spec),
    byteCount: ioByteCount(spec),
  };
}

/**
 * For `feat_extract_norm: "group"`, after the statistics pass. The norm removes any constant, so the bias is bound but never read.
 * Buffers in binding order: audio, w, bias, gamma, beta, statistics, out.
 */
export function planConv0GroupNorm(spec: Conv0Spec): RecipeCall<Conv0Recipe> {
  const rows = groupRows(spec, MAX_GROUP_ROWS);
  return {
    kernel: {
      name: `conv0_group_norm_${geometryName(spec)}_${spec.activation}`,
      source:
        prelude(constants(spec, rows)) +
        activationSourceFor(spec.activation) +
        windowSource +
        writeSource +
        groupNormSource,
      bindings: ['uniform', 'read', 'read', 'read', 'read', 'read', 'read', 'write'],
    },
    recipe: { kind: 'conv0_group_norm', spec },
    workgroups: rowGrid(spec, rows, spec.items * channelBlocks(spec)),
    params: tileParams(spec),
    flops: convolutionFlops(spec),
    byteCount: ioByteCount(spec),
  };
}

/** Rows that one workgroup of the statistics pass covers. */
export const CHUNK_ROWS = 256;

/** Chunks of the statistics pass over a whole clip. */
export const conv0ChunkCount = (spec: Conv0Spec): number => Math.ceil(conv0RowCount(spec) / CHUNK_ROWS);

/** Statistics over all time, whatever the spec's tile. Buffers: audio, w, bias (never read either), chunks. */
export function planConv0Statistics(spec: Conv0Spec): RecipeCall<Conv0Recipe> {
  const rows = conv0RowCount(spec);
  return {
    kernel: {
      name: `conv0_statistics_${geometryName(spec)}`,
      source:
        prelude({ ...constants(spec, groupRows(spec, MAX_GROUP_ROWS)), CHUNK_ROWS }) +
        windowSource +
        statisticsSource,
      bindings: ['uniform', 'read', 'read', 'read', 'write'],
    },
    recipe: { kind: 'conv0_statistics', spec },
    workgroups: [conv0ChunkCount(spec), channelBlocks(spec), spec.items],
    params: { sample_count: spec.sampleCount, audio_stride: spec.sampleCount, row_count: rows },
    flops: spec.items * rows * spec.channels * (2 * spec.kernel + 5),
    byteCount: 4 * spec.items * (spec.sampleCount + 2 * conv0ChunkCount(spec) * spec.channels),
  };
}

/** Merges the chunks. Buffers: chunks, statistics. */
export function planConv0Merge(spec: Conv0Spec): RecipeCall<Conv0Recipe> {
  const chunkCount = conv0ChunkCount(spec);
  return {
    kernel: {
      name: `conv0_merge_${spec.channels}`,
      source: prelude({ THREAD_COUNT, CHUNK_ROWS, CHANNEL_COUNT: spec.channels }) + mergeSource,
      bindings: ['uniform', 'read', 'write'],
    },
    recipe: { kind: 'conv0_merge', spec },
    workgroups: [Math.ceil(spec.channels / THREAD_COUNT), spec.items, 1],
    params: { row_count: conv0RowCount(spec), chunk_count: chunkCount, epsilon: { f32: spec.epsilon } },
    flops: 8 * spec.items * spec.channels * chunkCount,
    byteCount: 8 * spec.items * spec.channels * (chunkCount + 1),
  };
}
