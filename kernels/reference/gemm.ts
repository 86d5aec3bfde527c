/** GEMM with epilogue in float64. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import type { GemmVariant } from '../gemm-variants.ts';
import { planGemm, type GemmSpec } from '../gemm.ts';
import { ACTIVATION_REFERENCES } from './activation.ts';
import { kernelCase, UNUSED, type KernelCase } from './kernel-case.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';

/** Bindings of the GEMM kernels, layouts as in `shaders/gemm_common.wgsl`. */
export interface GemmData {
  readonly a: Float32Array;
  /** Rows of `inner` numbers, one per column of out. */
  readonly w: Float32Array;
  /** The buffer of w where `GemmSpec.weights` is not float32. */
  readonly encoded?: Uint32Array;
  readonly bias: Float32Array;
  /** Laid out like out. */
  readonly residual: Float32Array;
}

export const gemmOutLength = (spec: GemmSpec): number =>
  spec.outOffset +
  (spec.items - 1) * spec.outItemStride +
  (spec.groups - 1) * spec.outGroupStride +
  (spec.rows - 1) * spec.outRowStride +
  spec.lastGroupColumns;

/** Weights in float32; `inFormat` of `encoded-weights.ts` makes those of other formats. */
export function gemmData(spec: GemmSpec, random: SeededRandom): GemmData {
  const batchCount = spec.items * spec.groups;
  const aLength = (batchCount - 1) * spec.aBatchStride + (spec.rows - 1) * spec.aRowStride + spec.inner;
  const w = random.normals(spec.groups * spec.columns * spec.inner, 0, spec.inner ** -0.5);
  return {
    a: random.normals(aLength),
    w,
    bias: spec.hasBias ? random.normals(spec.groups * spec.columns) : UNUSED,
    residual: spec.hasResidual ? random.normals(gemmOutLength(spec)) : UNUSED,
  };
}

/** The sum over `length` products of a and b, from these elements on. */
export function dot(
  length: number,
  a: ArrayLike<number>,
  aStart: number,
  b: ArrayLike<number>,
  bStart: number,
): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (a[aStart + k] ?? NaN) * (b[bStart + k] ?? NaN);
  return sum;
}

export function gemmReference(spec: GemmSpec, { a, w, bias, residual }: GemmData): Float64Array {
  const activate = ACTIVATION_REFERENCES[spec.activation];
  const out = new Float64Array(gemmOutLength(spec)).fill(NaN);
  for (let item = 0; item < spec.items; item++) {
    for (let group = 0; group < spec.groups; group++) {
      const aStart = (item * spec.groups + group) * spec.aBatchStride;
      const outStart = spec.outOffset + item * spec.outItemStride + group * spec.outGroupStride;
      const columnLimit = group === spec.groups - 1 ? spec.lastGroupColumns : spec.columns;
      for (let row = 0; row < spec.rows; row++) {
        for (let column = 0; column < columnLimit; column++) {
          const index = outStart + row * spec.outRowStride + column;
          if (column >= spec.columns) {
            out[index] = 0;
            continue;
          }
          const wRow = group * spec.columns + column;
          let value = dot(spec.inner, a, aStart + row * spec.aRowStride, w, wRow * spec.inner);
          if (spec.hasBias) value += bias[wRow] ?? NaN;
          if (spec.hasActivation) value = activate(value);
          if (spec.hasResidual) value += residual[index] ?? NaN;
          out[index] = value;
        }
      }
    }
  }
  return out;
}

export function gemmCase(
  spec: GemmSpec,
  data: GemmData,
  capabilities: GpuCapabilities,
  variant: GemmVariant,
): KernelCase {
  const { a, w, encoded = w, bias, residual } = data;
  return kernelCase(
    planGemm(spec, capabilities, variant),
    [a, encoded, bias, residual],
    gemmReference(spec, data),
  );
}
