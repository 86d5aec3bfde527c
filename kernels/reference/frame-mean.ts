/** The mean over frames, with its factor and what it is added to, in float64. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import { planFrameMean, type FrameMeanSpec } from '../frame-mean.ts';
import { kernelCase, UNUSED, type KernelCase } from './kernel-case.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';

/** Bindings of the kernel; rows of x and total are padded to a multiple of 4. */
export interface FrameMeanData {
  readonly x: Float32Array;
  /** One for each item, from 1 to the frames. */
  readonly counts: Uint32Array;
  readonly weights: Float32Array;
  readonly total: Float32Array;
}

export function frameMeanData(
  { items, frames, channels, weightIndex, hasTotal }: FrameMeanSpec,
  counts: readonly number[],
  random: SeededRandom,
  mean = 0,
): FrameMeanData {
  const stride = ceil4(channels);
  return {
    x: random.normals(items * frames * stride, mean),
    counts: Uint32Array.from(counts),
    weights: weightIndex === undefined ? UNUSED : random.normals(weightIndex + 1),
    total: hasTotal ? random.normals(items * stride) : UNUSED,
  };
}

export function frameMeanReference(spec: FrameMeanSpec, data: FrameMeanData): Float64Array {
  const { x, counts, weights, total } = data;
  const stride = ceil4(spec.channels);
  return Float64Array.from({ length: spec.items * stride }, (_, i) => {
    const item = Math.floor(i / stride);
    const count = counts[item] ?? NaN;
    let sum = 0;
    for (let frame = 0; frame < count; frame++)
      sum += x[(item * spec.frames + frame) * stride + (i % stride)] ?? NaN;
    const factor = spec.weightIndex === undefined ? 1 : (weights[spec.weightIndex] ?? NaN);
    return (factor * sum) / count + (spec.hasTotal ? (total[i] ?? NaN) : 0);
  });
}

export function frameMeanCase(
  spec: FrameMeanSpec,
  data: FrameMeanData,
  capabilities: GpuCapabilities,
): KernelCase {
  const { x, counts, weights, total } = data;
  return kernelCase(
    planFrameMean(spec, capabilities),
    [x, counts, weights, total],
    frameMeanReference(spec, data),
  );
}
