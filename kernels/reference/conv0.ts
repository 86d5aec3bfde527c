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
import { ACTIVATION_REFERENCES } from './activation.ts';
import { kernelCase, UNUSED, type KernelCase } from './kernel-case.ts';
import { normalize } from './layer-norm.ts';
import type { SeededRandom } from './random.ts';

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

/** One channel of the convolution over all rows of a clip, of samples counted from `origin`. */
function convolveChannel(
  spec: Conv0Spec,
  { audio, w, bias }: Conv0Data,
  item: number,
  channel: number,
  origin = 0,
): Float64Array {
  return Float64Array.from({ length: conv0RowCount(spec) }, (_, row) => {
    let sum = spec.hasBias ? (bias[channel] ?? NaN) : 0;
    for (let k = 0; k < spec.kernel; k++) {
      const sample = audio[item * spec.sampleCount + row * spec.stride + k] ?? NaN;
      sum += (sample - origin) * (w[channel * spec.kernel + k] ?? NaN);
    }
    return sum;
  });
}

/** Shapes normalised values into the kernels' output: the rows of the tile, channel padding 0. */
function finish(
  spec: Conv0Spec,
  { gamma, beta }: Conv0Data,
  normalized: (item: number) => (row: number, channel: number) => number,
): Float64Array {
  const activate = ACTIVATION_REFERENCES[spec.activation];
  const stride = ceil4(spec.channels);
  const out = new Float64Array(spec.items * spec.rows * stride);
  for (let item = 0; item < spec.items; item++) {
    const valueAt = normalized(item);
    for (let row = 0; row < spec.rows; row++) {
      for (let c = 0; c < spec.channels; c++) {
        out[(item * spec.rows + row) * stride + c] = activate(
          valueAt(spec.firstRow + row, c) * (gamma[c] ?? NaN) + (beta[c] ?? NaN),
        );
      }
    }
  }
  return out;
}

export function conv0LayerNormReference(spec: Conv0Spec, data: Conv0Data): Float64Array {
  return finish(spec, data, (item) => {
    const channels = Array.from({ length: spec.channels }, (_, c) => convolveChannel(spec, data, item, c));
    const rows = Array.from({ length: conv0RowCount(spec) }, (_, row) =>
      normalize(
        Float64Array.from(channels, (values) => values[row] ?? NaN),
        spec.epsilon,
      ),
    );
    return (row, c) => rows[row]?.[c] ?? NaN;
  });
}

export function conv0GroupNormReference(spec: Conv0Spec, data: Conv0Data): Float64Array {
  return finish(spec, data, (item) => {
    const channels = Array.from({ length: spec.channels }, (_, c) =>
      normalize(convolveChannel(spec, data, item, c), spec.epsilon),
    );
    return (row, c) => channels[c]?.[row] ?? NaN;
  });
}

/** The median of three samples of a clip: what the passes of the group norm count samples from. */
function audioOrigin({ sampleCount }: Conv0Spec, audio: Float32Array, item: number): number {
  const quarter = Math.floor(sampleCount / 4);
  const samples = [1, 2, 3].map((i) => audio[item * sampleCount + i * quarter] ?? NaN);
  return samples.sort((x, y) => x - y)[1] ?? NaN;
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviationSquares = (values: Float64Array): number => {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0);
};

/** [item][chunk][channel] pairs: mean, sum of squared deviations. The bias is left out: the norm removes it. */
export function conv0StatisticsReference(spec: Conv0Spec, data: Conv0Data): Float64Array {
  const chunkCount = conv0ChunkCount(spec);
  const chunks = new Float64Array(2 * spec.items * chunkCount * spec.channels);
  for (let item = 0; item < spec.items; item++) {
    const origin = audioOrigin(spec, data.audio, item);
    for (let c = 0; c < spec.channels; c++) {
      const values = convolveChannel({ ...spec, hasBias: false }, data, item, c, origin);
      for (let chunk = 0; chunk < chunkCount; chunk++) {
        const part = values.subarray(chunk * CHUNK_ROWS, (chunk + 1) * CHUNK_ROWS);
        const index = 2 * ((item * chunkCount + chunk) * spec.channels + c);
        chunks[index] = mean(part);
        chunks[index + 1] = deviationSquares(part);
      }
    }
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
      const index = 2 * (item * spec.channels + c);
      statistics[index] = total;
      statistics[index + 1] = 1 / Math.sqrt(squares / rowCount + spec.epsilon);
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

/** The last pass of the group norm; `statistics` come from the reference unless a test has the kernels' own. */
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
