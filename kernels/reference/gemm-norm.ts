/** GEMM with normalised rows in float64. */
import type { GemmVariant } from '../gemm-variants.ts';
import { planGemmNorm, productOf, type GemmNormSpec } from '../gemm-norm.ts';
import { gemmData, gemmReference, type GemmData } from './gemm.ts';
import { kernelCase, UNUSED, type KernelCase } from './kernel-case.ts';
import { normalize, scaled } from './layer-norm.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';

/** Bindings of the kernels; those of the norms are gamma, beta, gamma, beta. */
export interface GemmNormData extends Omit<GemmData, 'residual'> {
  readonly norms: readonly Float32Array[];
}

/** Columns after the channels have zero weights and bias, as in a model. */
export function gemmNormData(spec: GemmNormSpec, random: SeededRandom): GemmNormData {
  const { a, w, bias } = gemmData(productOf(spec), random);
  w.fill(0, spec.channels * spec.inner);
  if (spec.hasBias) bias.fill(0, spec.channels);
  const norm = (): Float32Array[] => [random.normals(spec.channels, 1, 0.5), random.normals(spec.channels)];
  return {
    a,
    w,
    bias,
    norms: [...norm(), ...(spec.secondEpsilon === undefined ? [UNUSED, UNUSED] : norm())],
  };
}

export function gemmNormReference(spec: GemmNormSpec, { norms, ...data }: GemmNormData): Float64Array {
  const out = gemmReference(productOf(spec), { ...data, residual: UNUSED });
  const [gamma, beta, secondGamma, secondBeta] = norms;
  for (let item = 0; item < spec.items; item++) {
    for (let row = 0; row < spec.rows; row++) {
      const start = spec.outOffset + item * spec.outItemStride + row * spec.outRowStride;
      const values = out.subarray(start, start + spec.channels);
      values.set(scaled(normalize(values, spec.epsilon), gamma, beta, spec.activation));
      if (spec.secondEpsilon !== undefined)
        values.set(scaled(normalize(values, spec.secondEpsilon), secondGamma, secondBeta));
    }
  }
  return out;
}

export function gemmNormCase(spec: GemmNormSpec, data: GemmNormData, variant: GemmVariant): KernelCase {
  const { a, w, encoded = w, bias, norms } = data;
  return kernelCase(planGemmNorm(spec, variant), [a, encoded, bias, ...norms], gemmNormReference(spec, data));
}
