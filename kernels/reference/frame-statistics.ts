/** Mean and sample standard deviation over frames in float64. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import { planFrameStatistics, type FrameStatisticsSpec } from '../frame-statistics.ts';
import { kernelCase, type KernelCase } from './kernel-case.ts';
import { momentsOf } from './layer-norm.ts';

/**
 * @param x rows padded to a multiple of 4.
 * @param counts one for each item, from 2 to the frames.
 */
export function frameStatisticsReference(
  { items, frames, channels }: FrameStatisticsSpec,
  x: Float32Array,
  counts: Uint32Array,
): Float64Array {
  const outStride = ceil4(2 * channels);
  const out = new Float64Array(items * outStride);
  for (let item = 0; item < items; item++) {
    for (let c = 0; c < channels; c++) {
      const count = counts[item] ?? 0;
      const values = Float64Array.from(
        { length: count },
        (_, frame) => x[(item * frames + frame) * ceil4(channels) + c] ?? NaN,
      );
      const [mean, squares] = momentsOf(values);
      out[item * outStride + c] = mean;
      out[item * outStride + channels + c] = Math.sqrt(squares / (count - 1));
    }
  }
  return out;
}

export const frameStatisticsCase = (
  spec: FrameStatisticsSpec,
  x: Float32Array,
  counts: Uint32Array,
  capabilities: GpuCapabilities,
): KernelCase =>
  kernelCase(planFrameStatistics(spec, capabilities), [x, counts], frameStatisticsReference(spec, x, counts));
