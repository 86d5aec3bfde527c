/** What engines are compared on: shapes of a base-size model, seeded numbers, and how much arithmetic each is. Pure data. */
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import type { HostTensor, Workload, WorkloadData } from './engine.ts';
import type { ComparedEngine } from './results.ts';

const SAMPLE_RATE = 16_000;
/** Frames of five seconds of audio. */
const FRAMES = 249;

const SEEDS: Readonly<Record<Workload['kind'], number>> = {
  gemm: 1,
  grouped_conv: 2,
  first_conv: 3,
  attention: 4,
  model: 5,
};

/** @param seconds of audio for the whole model. */
export const workloadsOf = (seconds: number): readonly Workload[] => [
  { kind: 'gemm', name: 'gemm 240x1024x1024', rows: 240, columns: 1024, inner: 1024 },
  { kind: 'gemm', name: 'gemm 249x3072x768', rows: FRAMES, columns: 3072, inner: 768 },
  {
    kind: 'grouped_conv',
    name: 'grouped conv 249x768, 16 groups, k 128',
    frames: FRAMES,
    channels: 768,
    groups: 16,
    kernel: 128,
  },
  {
    kind: 'first_conv',
    name: 'first conv 5 s, 512 channels',
    sampleCount: 5 * SAMPLE_RATE,
    channels: 512,
    kernel: 10,
    stride: 5,
  },
  { kind: 'attention', name: 'attention 249 frames, 12x64', frames: FRAMES, heads: 12, headSize: 64 },
  { kind: 'model', name: `base model, ${seconds} s`, sampleCount: Math.round(seconds * SAMPLE_RATE) },
];

/** Frames of the output of a first convolution. */
export const firstConvFrames = ({
  sampleCount,
  kernel,
  stride,
}: Extract<Workload, { kind: 'first_conv' }>): number => Math.floor((sampleCount - kernel) / stride) + 1;

/** Normally distributed. */
export function randomTensor(
  random: SeededRandom,
  dims: readonly number[],
  deviation = 1,
  mean = 0,
): HostTensor {
  const length = dims.reduce((product, dim) => product * dim, 1);
  return { dims, data: Float32Array.from(random.normals(length, mean, deviation)) };
}

/** The same numbers on every machine and in every engine, none of them constant. A model's weights come from its checkpoint. */
export function workloadData(workload: Workload): WorkloadData {
  const random = new SeededRandom(SEEDS[workload.kind]);
  const tensor = (dims: readonly number[], deviation = 1, mean = 0): HostTensor =>
    randomTensor(random, dims, deviation, mean);
  switch (workload.kind) {
    case 'gemm': {
      const { rows, columns, inner } = workload;
      return {
        inputs: { a: tensor([rows, inner]) },
        weights: { w: tensor([columns, inner], inner ** -0.5) },
      };
    }
    case 'grouped_conv': {
      const { frames, channels, groups, kernel } = workload;
      const inner = (channels / groups) * kernel;
      return {
        inputs: { x: tensor([frames, channels]) },
        weights: { w: tensor([channels, channels / groups, kernel], inner ** -0.5) },
      };
    }
    case 'first_conv': {
      const { sampleCount, channels, kernel } = workload;
      return {
        inputs: { x: tensor([sampleCount]) },
        weights: {
          w: tensor([channels, kernel], kernel ** -0.5),
          gamma: tensor([channels], 0.5, 1),
          beta: tensor([channels], 0.5),
        },
      };
    }
    case 'attention': {
      const dims = [workload.frames, workload.heads * workload.headSize];
      return { inputs: { q: tensor(dims), k: tensor(dims), v: tensor(dims) }, weights: {} };
    }
    case 'model': {
      const { sampleCount } = workload;
      const data = Float32Array.from(inputSamples(0, sampleCount));
      return { inputs: { x: { dims: [sampleCount], data } }, weights: {} };
    }
  }
}

/** Operations that the definition asks for, a multiply-add being two; undefined for a model, whose plan tells. */
export function flopsOf(workload: Workload): number | undefined {
  switch (workload.kind) {
    case 'gemm':
      return 2 * workload.rows * workload.columns * workload.inner;
    case 'grouped_conv':
      return (
        2 * workload.frames * workload.channels * (workload.channels / workload.groups) * workload.kernel
      );
    case 'first_conv':
      return 2 * firstConvFrames(workload) * workload.channels * workload.kernel;
    case 'attention':
      return 4 * workload.frames ** 2 * workload.heads * workload.headSize;
    case 'model':
      return undefined;
  }
}

/** Whether an engine builds the whole model itself from its tensors; the others read a file in a format of theirs. */
export const needsTensors = (engine: ComparedEngine): boolean => engine === 'tfjs' || engine === 'jax-js';
