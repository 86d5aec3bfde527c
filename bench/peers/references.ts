/** What is right: some elements of a workload's output in float64, by plain loops over the definition. */
import { ACTIVATION_REFERENCES } from '../../kernels/reference/activation.ts';
import { spreadIndices } from '../lib/spread-indices.ts';
import type { Workload, WorkloadData, WorkloadOf } from './engine.ts';
import { named } from './named.ts';
import { firstConvFrames } from './workloads.ts';

/** Elements by their index in the output. */
export type Samples = ReadonlyMap<number, number>;

const SAMPLE_COUNT = 48;
/** Channels of a first convolution: each needs all of its frames. */
const SAMPLED_CHANNELS = 4;
/** Of the largest of the samples. Sums of thousands of terms in float32 differ by less than a tenth of it. */
export const REFERENCE_TOLERANCE = 1e-4;

/** Undefined for a model: its layers are held against the reference implementation by the tests. */
export function referenceSamples(workload: Workload, data: WorkloadData): Samples | undefined {
  switch (workload.kind) {
    case 'gemm':
      return gemmSamples(workload, data);
    case 'grouped_conv':
      return groupedConvSamples(workload, data);
    case 'first_conv':
      return firstConvSamples(workload, data);
    case 'attention':
      return attentionSamples(workload, data);
    case 'model':
      return undefined;
  }
}

/** The largest difference of an output from the samples, relative to the largest sample; NaN where it holds NaN. */
export function differenceFromSamples(output: Float32Array, samples: Samples): number {
  let difference = 0;
  let largest = 0;
  for (const [index, expected] of samples) {
    difference = Math.max(difference, Math.abs((output[index] ?? NaN) - expected));
    largest = Math.max(largest, Math.abs(expected));
  }
  return difference / largest;
}

function numbers({ inputs, weights }: WorkloadData, name: string): Float32Array {
  return named({ ...weights, ...inputs }, name).data;
}

function gemmSamples({ rows, columns, inner }: WorkloadOf<'gemm'>, data: WorkloadData): Samples {
  const a = numbers(data, 'a');
  const w = numbers(data, 'w');
  return new Map(
    spreadIndices(rows * columns, SAMPLE_COUNT).map((index) => {
      const row = Math.floor(index / columns);
      const column = index % columns;
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += (a[row * inner + k] ?? NaN) * (w[column * inner + k] ?? NaN);
      return [index, sum];
    }),
  );
}

function groupedConvSamples(
  { frames, channels, groups, kernel }: WorkloadOf<'grouped_conv'>,
  data: WorkloadData,
): Samples {
  const x = numbers(data, 'x');
  const w = numbers(data, 'w');
  const groupChannels = channels / groups;
  return new Map(
    spreadIndices(frames * channels, SAMPLE_COUNT).map((index) => {
      const frame = Math.floor(index / channels);
      const channel = index % channels;
      const firstInput = Math.floor(channel / groupChannels) * groupChannels;
      let sum = 0;
      for (let k = 0; k < kernel; k++) {
        const source = frame + k - Math.floor(kernel / 2);
        if (source < 0 || source >= frames) continue;
        for (let c = 0; c < groupChannels; c++) {
          const weight = w[(channel * groupChannels + c) * kernel + k] ?? NaN;
          sum += (x[source * channels + firstInput + c] ?? NaN) * weight;
        }
      }
      return [index, sum];
    }),
  );
}

function firstConvSamples(workload: WorkloadOf<'first_conv'>, data: WorkloadData): Samples {
  const { channels, kernel, stride } = workload;
  const [x, w] = [numbers(data, 'x'), numbers(data, 'w')];
  const [gamma, beta] = [numbers(data, 'gamma'), numbers(data, 'beta')];
  const frames = firstConvFrames(workload);
  const samples = new Map<number, number>();
  for (const channel of spreadIndices(channels, SAMPLED_CHANNELS)) {
    const values = Float64Array.from({ length: frames }, (_, frame) => {
      let sum = 0;
      for (let k = 0; k < kernel; k++)
        sum += (x[frame * stride + k] ?? NaN) * (w[channel * kernel + k] ?? NaN);
      return sum;
    });
    const mean = values.reduce((sum, value) => sum + value, 0) / frames;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / frames;
    for (const frame of spreadIndices(frames, SAMPLE_COUNT / SAMPLED_CHANNELS)) {
      const normalized = ((values[frame] ?? NaN) - mean) / Math.sqrt(variance + 1e-5);
      samples.set(
        frame * channels + channel,
        ACTIVATION_REFERENCES.gelu(normalized * (gamma[channel] ?? NaN) + (beta[channel] ?? NaN)),
      );
    }
  }
  return samples;
}

function attentionSamples({ frames, heads, headSize }: WorkloadOf<'attention'>, data: WorkloadData): Samples {
  const [q, k, v] = [numbers(data, 'q'), numbers(data, 'k'), numbers(data, 'v')];
  const width = heads * headSize;
  return new Map(
    spreadIndices(frames * width, SAMPLE_COUNT).map((index) => {
      const frame = Math.floor(index / width);
      const column = index % width;
      const head = Math.floor(column / headSize) * headSize;
      const scores = Float64Array.from({ length: frames }, (_, key) => {
        let score = 0;
        for (let d = head; d < head + headSize; d++)
          score += (q[frame * width + d] ?? NaN) * (k[key * width + d] ?? NaN);
        return score / Math.sqrt(headSize);
      });
      const largest = scores.reduce((x, y) => Math.max(x, y), -Infinity);
      const weights = scores.map((score) => Math.exp(score - largest));
      const total = weights.reduce((x, y) => x + y, 0);
      const sum = weights.reduce((x, weight, key) => x + weight * (v[key * width + column] ?? NaN), 0);
      return [index, sum / total];
    }),
  );
}
