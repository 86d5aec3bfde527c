/** Activation, factor and sum, frame masking and the layout change of the positional convolution, in float64. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import {
  FRAME_KEEP,
  FRAME_REPLACE,
  groupStride,
  paddedFrames,
  planElementwise,
  planMaskFrames,
  planPosConvPack,
  type ElementwiseSpec,
  type MaskFramesSpec,
  type PosConvPackSpec,
} from '../elementwise.ts';
import { ACTIVATION_REFERENCES } from './activation.ts';
import { kernelCase, UNUSED, type KernelCase } from './kernel-case.ts';

/** Rows of x and y, or the row of y, are padded to a multiple of 4; what the spec does not call for is not read. */
export interface ElementwiseData {
  readonly x: Float32Array;
  readonly factors: Float32Array;
  readonly y: Float32Array;
}

export function elementwiseReference(
  { rows, channels, factor, addend, ...spec }: ElementwiseSpec,
  { x, factors, y }: ElementwiseData,
): Float64Array {
  const stride = ceil4(channels);
  const activate = ACTIVATION_REFERENCES[spec.hasActivation ? spec.activation : 'linear'];
  return Float64Array.from({ length: rows * stride }, (_, i) => {
    const channel = i % stride;
    if (channel >= channels) return 0;
    const scale = factor ? (factors[factor.index + (factor.isByChannel ? channel : 0)] ?? NaN) : 1;
    const added = addend ? (y[addend === 'row' ? channel : i] ?? NaN) : 0;
    return activate(x[i] ?? NaN) * scale + added;
  });
}

export interface MaskFramesData {
  readonly x: Float32Array;
  readonly codes: Uint32Array;
  /** A row for all frames, or one for each. */
  readonly replacement: Float32Array;
}

export function maskFramesReference(
  spec: MaskFramesSpec,
  { x, codes, replacement }: MaskFramesData,
): Float64Array {
  const stride = ceil4(spec.channels);
  return Float64Array.from({ length: spec.frames * stride }, (_, i) => {
    const code = codes[Math.floor(i / stride)];
    if (code === FRAME_KEEP) return x[i] ?? NaN;
    return code === FRAME_REPLACE ? (replacement[i % replacement.length] ?? NaN) : 0;
  });
}

/** out[item][group][padded frame][group channel] of x[item][frame][channel]. */
export function posConvPackReference(spec: PosConvPackSpec, x: Float32Array): Float64Array {
  const groupChannels = spec.channels / spec.groups;
  const out = new Float64Array(spec.items * spec.groups * paddedFrames(spec) * groupStride(spec));
  for (let item = 0; item < spec.items; item++) {
    for (let group = 0; group < spec.groups; group++) {
      for (let frame = 0; frame < spec.frames; frame++) {
        const outRow = (item * spec.groups + group) * paddedFrames(spec) + spec.padding + frame;
        const xStart = (item * spec.frames + frame) * ceil4(spec.channels) + group * groupChannels;
        out.set(x.subarray(xStart, xStart + groupChannels), outRow * groupStride(spec));
      }
    }
  }
  return out;
}

export function elementwiseCase(
  spec: ElementwiseSpec,
  data: ElementwiseData,
  capabilities: GpuCapabilities,
): KernelCase {
  return kernelCase(
    planElementwise(spec, capabilities),
    [data.x, spec.factor ? data.factors : UNUSED, spec.addend ? data.y : UNUSED],
    elementwiseReference(spec, data),
  );
}

export function maskFramesCase(
  spec: MaskFramesSpec,
  data: MaskFramesData,
  capabilities: GpuCapabilities,
): KernelCase {
  const { x, codes, replacement } = data;
  return kernelCase(
    planMaskFrames(spec, capabilities),
    [x, codes, replacement],
    maskFramesReference(spec, data),
  );
}

export function posConvPackCase(
  spec: PosConvPackSpec,
  x: Float32Array,
  capabilities: GpuCapabilities,
): KernelCase {
  return kernelCase(planPosConvPack(spec, capabilities), [x], posConvPackReference(spec, x));
}
