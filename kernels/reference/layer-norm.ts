/** Layer norm with residual and activation in float64. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import type { Activation } from '../activation.ts';
import { planLayerNorm, type LayerNormSpec } from '../layer-norm.ts';
import { ACTIVATION_REFERENCES } from './activation.ts';
import { kernelCase, UNUSED, type KernelCase } from './kernel-case.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';

/** Bindings of the kernel; rows of x and residual are padded to a multiple of 4. */
export interface LayerNormData {
  readonly x: Float32Array;
  readonly residual: Float32Array;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
}

export function layerNormData(spec: LayerNormSpec, random: SeededRandom, mean = 0): LayerNormData {
  const length = spec.rows * ceil4(spec.channels);
  return {
    x: random.normals(length, mean),
    residual: spec.hasResidual ? random.normals(length) : UNUSED,
    gamma: spec.hasAffine ? random.normals(spec.channels, 1, 0.5) : UNUSED,
    beta: spec.hasAffine ? random.normals(spec.channels, 0, 0.5) : UNUSED,
  };
}

/** Mean and sum of squared deviations. */
export function momentsOf(values: Float64Array): readonly [mean: number, squares: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0)];
}

/** The values of one row or channel, normalised by their own mean and population variance. */
export function normalize(values: Float64Array, epsilon: number): Float64Array {
  const [mean, squares] = momentsOf(values);
  return values.map((value) => (value - mean) / Math.sqrt(squares / values.length + epsilon));
}

/** Turns a row of normalised values into the output. */
export const scaled = (
  values: Float64Array,
  gamma: Float32Array | undefined,
  beta: Float32Array | undefined,
  activation: Activation = 'linear',
): Float64Array =>
  values.map((value, c) =>
    ACTIVATION_REFERENCES[activation](value * (gamma?.[c] ?? NaN) + (beta?.[c] ?? NaN)),
  );

export function layerNormReference(
  spec: LayerNormSpec,
  { x, residual, gamma, beta }: LayerNormData,
): Float64Array {
  const stride = ceil4(spec.channels);
  const out = new Float64Array(spec.outOffset + spec.rows * stride).fill(NaN, 0, spec.outOffset);
  for (let row = 0; row < spec.rows; row++) {
    const values = Float64Array.from(x.subarray(row * stride, row * stride + spec.channels));
    if (spec.hasResidual)
      values.forEach((value, c) => (values[c] = value + (residual[row * stride + c] ?? NaN)));
    const activation = spec.hasActivation ? spec.activation : 'linear';
    const normalized = normalize(values, spec.epsilon);
    const activated = spec.hasAffine
      ? scaled(normalized, gamma, beta, activation)
      : normalized.map(ACTIVATION_REFERENCES[activation]);
    out.set(activated, spec.outOffset + row * stride);
  }
  return out;
}

export function layerNormCase(
  spec: LayerNormSpec,
  data: LayerNormData,
  capabilities: GpuCapabilities,
): KernelCase {
  const { x, residual, gamma, beta } = data;
  return kernelCase(
    planLayerNorm(spec, capabilities),
    [x, residual, gamma, beta],
    layerNormReference(spec, data),
  );
}
