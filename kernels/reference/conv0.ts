/** The first convolution with either norm in float64. */
import { ceil4 } from '../../src/gpu/kernel.ts';
import {
  CHUNK_ROWS,
  conv0ChunkCount,
  conv0RowCount,
  planConv0GroupNorm,
  planConv0LayerNorm,
  planConv0Merge,
  planConv0Statistics,
  type Conv0Spec,
} from '../conv0.ts';
import { dot } from './gemm.ts';
import { kernelCase, UNUSED, type KernelCase } from './kernel-case.ts';
import { momentsOf, normalize, scaled } from './layer-norm.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';

export interface Conv0Data {
  /** [item][sample] */
  readonly audio: Float32Array;
  /** [channel][tap] */
  readonly w: Float32Array;
  readonly bias: Float32Array;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
}

export function conv0Data(spec: Conv0Spec, random: SeededRandom): Conv0Data {
  return {
    audio: random.normals(spec.items * spec.sampleCount),
    w: random.normals(spec.channels * spec.kernel, 0, spec.kernel ** -0.5),
    bias: spec.hasBias ? random.normals(spec.channels) : UNUSED,
    gamma: random.normals(spec.channels, 1, 0.5),
    beta: random.normals(spec.channels, 0, 0.5),
  };
}

/** Each channel of the convolution over all rows of a clip. `origin` is subtracted from the samples. */
function convolve(
  spec: Conv0Spec,
  { audio, w, bias }: Conv0Data,
  item: number,
  origin = 0,
): readonly Float64Array[] {
  const clip = Float64Array.from(audio.subarray(item * spec.sampleCount), (sample) => sample - origin);
  return Array.from({ length: spec.channels }, (_, c) =>
    Float64Array.from(
      { length: conv0RowCount(spec) },
      (_, row) =>
        dot(spec.kernel, clip, row * spec.stride, w, c * spec.kernel) + (spec.hasBias ? (bias[c] ?? NaN) : 0),
    ),
  );
}

/** Transposes rows and columns. */
const transpose = (rows: readonly Float64Array[]): readonly Float64Array[] =>
  Array.from(rows[0] ?? [], (_, column) => Float64Array.from(rows, (row) => row[column] ?? NaN));

/** The kernels' output, the rows of the tile with channel padding 0, of each clip's rows of normalised values. */
function finish(
  spec: Conv0Spec,
  { gamma, beta }: Conv0Data,
  normalized: (item: number) => readonly Float64Array[],
): Float64Array {
  const stride = ceil4(spec.channels);
  const out = new Float64Array(spec.items * spec.rows * stride);
  for (let item = 0; item < spec.items; item++)
    normalized(item)
      .slice(spec.firstRow, spec.firstRow + spec.rows)
      .forEach((row, i) =>
        out.set(scaled(row, gamma, beta, spec.activation), (item * spec.rows + i) * stride),
      );
  return out;
}

export const conv0LayerNormReference = (spec: Conv0Spec, data: Conv0Data): Float64Array =>
  finish(spec, data, (item) =>
    transpose(convolve(spec, data, item)).map((row) => normalize(row, spec.epsilon)),
  );

export const conv0GroupNormReference = (spec: Conv0Spec, data: Conv0Data): Float64Array =>
  finish(spec, data, (item) =>
    transpose(convolve(spec, data, item).map((channel) => normalize(channel, spec.epsilon))),
  );

/** The median of three samples of a clip, which the passes of the group norm subtract from the samples. */
function audioOrigin({ sampleCount }: Conv0Spec, audio: Float32Array, item: number): number {
  const quarter = Math.floor(sampleCount / 4);
  const samples = [1, 2, 3].map((i) => audio[item * sampleCount + i * quarter] ?? NaN);
  return samples.sort((x, y) => x - y)[1] ?? NaN;
}

/** [item][chunk][channel] pairs: mean, sum of squared deviations. The bias is left out, because the norm removes it. */
export function conv0StatisticsReference(spec: Conv0Spec, data: Conv0Data): Float64Array {
  const chunkCount = conv0ChunkCount(spec);
  const chunks = new Float64Array(2 * spec.items * chunkCount * spec.channels);
  for (let item = 0; item < spec.items; item++) {
    const origin = audioOrigin(spec, data.audio, item);
    convolve({ ...spec, hasBias: false }, data, item, origin).forEach((values, c) => {
      for (let chunk = 0; chunk < chunkCount; chunk++) {
        const part = values.subarray(chunk * CHUNK_ROWS, (chunk + 1) * CHUNK_ROWS);
        chunks.set(momentsOf(part), 2 * ((item * chunkCount + chunk) * spec.channels + c));
      }
    });
  }
  return chunks;
}

/** [item][channel] pairs: mean, 1/√(variance + ε), from the chunks of the statistics pass. */
export function conv0MergeReference(spec: Conv0Spec, chunks: Float32Array): Float64Array {
  const rowCount = conv0RowCount(spec);
  const chunkCount = conv0ChunkCount(spec);
  const statistics = new Float64Array(2 * spec.items * spec.channels);
  for (let item = 0; item < spec.items; item++) {
    for (let c = 0; c < spec.channels; c++) {
      const parts = Array.from({ length: chunkCount }, (_, chunk) => {
        const index = 2 * ((item * chunkCount + chunk) * spec.channels + c);
        const rows = Math.min(CHUNK_ROWS, rowCount - chunk * CHUNK_ROWS);
        return { rows, mean: chunks[index] ?? NaN, squares: chunks[index + 1] ?? NaN };
      });
      const total = parts.reduce((sum, part) => sum + part.rows * part.mean, 0) / rowCount;
      const squares = parts.reduce(
        (sum, part) => sum + part.squares + part.rows * (part.mean - total) ** 2,
        0,
      );
      statistics.set(
        [total, 1 / Math.sqrt(squares / rowCount + spec.epsilon)],
        2 * (item * spec.channels + c),
      );
    }
  }
  return statistics;
}

export function conv0LayerNormCase(spec: Conv0Spec, data: Conv0Data): KernelCase {
  const { audio, w, bias, gamma, beta } = data;
  return kernelCase(
    planConv0LayerNorm(spec),
    [audio, w, bias, gamma, beta],
    conv0LayerNormReference(spec, data),
  );
}

/** The last pass of the group norm. `statistics` come from the reference unless a test passes the kernels' own. */
export function conv0GroupNormCase(
  spec: Conv0Spec,
  data: Conv0Data,
  statistics = Float32Array.from(
    conv0MergeReference(spec, Float32Array.from(conv0StatisticsReference(spec, data))),
  ),
): KernelCase {
  const { audio, w, gamma, beta } = data;
  return kernelCase(
    planConv0GroupNorm(spec),
    [audio, w, UNUSED, gamma, beta, statistics],
    conv0GroupNormReference(spec, data),
  );
}

export function conv0StatisticsCase(spec: Conv0Spec, data: Conv0Data): KernelCase {
  return kernelCase(
    planConv0Statistics(spec),
    [data.audio, data.w, UNUSED],
    conv0StatisticsReference(spec, data),
  );
}

export function conv0MergeCase(spec: Conv0Spec, chunks: Float32Array): KernelCase {
  return kernelCase(planConv0Merge(spec), [chunks], conv0MergeReference(spec, chunks));
}
