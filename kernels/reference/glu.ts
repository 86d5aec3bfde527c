/** The gated linear unit in float64. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import { planGlu, type GluSpec } from '../glu.ts';
import { ACTIVATION_REFERENCES } from './activation.ts';
import { kernelCase, type KernelCase } from './kernel-case.ts';

/** @param x rows of twice the channels, padded to a multiple of 4. */
export function gluReference({ rows, channels }: GluSpec, x: Float32Array): Float64Array {
  const stride = ceil4(channels);
  return Float64Array.from({ length: rows * stride }, (_, i) => {
    if (i % stride >= channels) return 0;
    const first = Math.floor(i / stride) * ceil4(2 * channels) + (i % stride);
    return (x[first] ?? NaN) * ACTIVATION_REFERENCES.sigmoid(x[first + channels] ?? NaN);
  });
}

export const gluCase = (spec: GluSpec, x: Float32Array, capabilities: GpuCapabilities): KernelCase =>
  kernelCase(planGlu(spec, capabilities), [x], gluReference(spec, x));
