/** Frames side by side, pooled, and apart again, in float64. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import {
  planPoolFrames,
  planUnfoldFrames,
  planUnpoolFrames,
  type PoolFramesSpec,
  type UnfoldFramesSpec,
} from '../frame-windows.ts';
import { kernelCase, type KernelCase } from './kernel-case.ts';

/** out[item][t][tap][channel] of x[item][frame][channel]. */
export function unfoldFramesReference(spec: UnfoldFramesSpec, x: Float32Array): Float64Array {
  const { items, frames, outFrames, kernel } = spec;
  const width = ceil4(spec.channels);
  const out = new Float64Array(items * outFrames * kernel * width);
  for (let row = 0; row < items * outFrames; row++) {
    for (let tap = 0; tap < kernel; tap++) {
      const frame = (row % outFrames) * spec.stride + tap * spec.dilation;
      const start = (Math.floor(row / outFrames) * frames + frame) * width;
      out.set(x.subarray(start, start + width), (row * kernel + tap) * width);
    }
  }
  return out;
}

/** out[item][t][channel] of x[item][frame][channel]. */
export function poolFramesReference(spec: PoolFramesSpec, x: Float32Array): Float64Array {
  const { items, frames, outFrames, size } = spec;
  const width = ceil4(spec.channels);
  return Float64Array.from({ length: items * outFrames * width }, (_, i) => {
    const row = Math.floor(i / width);
    const first = Math.floor(row / outFrames) * frames + (row % outFrames) * size;
    let sum = 0;
    for (let frame = first; frame < first + size; frame++) sum += x[frame * width + (i % width)] ?? NaN;
    return sum / size;
  });
}

/** out[item][frame][channel] of x[item][pooled frame][size · channel]. */
export function unpoolFramesReference(spec: PoolFramesSpec, x: Float32Array): Float64Array {
  const { items, frames, outFrames, channels, size } = spec;
  const rowStride = ceil4(size * channels);
  const out = new Float64Array(items * outFrames * ceil4(channels));
  for (let row = 0; row < items * frames; row++) {
    for (let i = 0; i < size; i++) {
      const frame = (row % frames) * size + i;
      const outRow = Math.floor(row / frames) * outFrames + frame;
      const start = row * rowStride + i * channels;
      if (frame < outFrames) out.set(x.subarray(start, start + channels), outRow * ceil4(channels));
    }
  }
  return out;
}

export const unfoldFramesCase = (
  spec: UnfoldFramesSpec,
  x: Float32Array,
  capabilities: GpuCapabilities,
): KernelCase => kernelCase(planUnfoldFrames(spec, capabilities), [x], unfoldFramesReference(spec, x));

export const poolFramesCase = (
  spec: PoolFramesSpec,
  x: Float32Array,
  capabilities: GpuCapabilities,
): KernelCase => kernelCase(planPoolFrames(spec, capabilities), [x], poolFramesReference(spec, x));

export const unpoolFramesCase = (
  spec: PoolFramesSpec,
  x: Float32Array,
  capabilities: GpuCapabilities,
): KernelCase => kernelCase(planUnpoolFrames(spec, capabilities), [x], unpoolFramesReference(spec, x));
