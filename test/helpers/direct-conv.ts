/** A convolution written down directly, in float64: what the GEMM route must equal. */
import { ceil4 } from '../../src/gpu/kernel.ts';

export interface DirectConv {
  readonly items: number;
  readonly frames: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  /** Zeros before the first frame; past the last frame there are as many as `outFrames` needs. */
  readonly padding: number;
  /** Frames from one tap to the next. */
  readonly dilation: number;
  readonly groups: number;
  readonly outFrames: number;
}

/**
 * @param x [item][frame][channel], rows `xRowStride` apart
 * @param w [out channel][in channel of the group][tap], as PyTorch stores it
 * @returns [item][frame][out channel]
 */
export function directConv(
  conv: DirectConv,
  x: Float32Array,
  xRowStride: number,
  w: Float32Array,
  bias: Float32Array,
): Float64Array {
  const groupIn = conv.inChannels / conv.groups;
  const groupOut = conv.outChannels / conv.groups;
  const out = new Float64Array(conv.items * conv.outFrames * conv.outChannels);
  for (let item = 0; item < conv.items; item++) {
    for (let t = 0; t < conv.outFrames; t++) {
      for (let o = 0; o < conv.outChannels; o++) {
        let sum = bias[o] ?? NaN;
        for (let k = 0; k < conv.kernel; k++) {
          const frame = t * conv.stride + k * conv.dilation - conv.padding;
          if (frame < 0 || frame >= conv.frames) continue;
          for (let c = 0; c < groupIn; c++) {
            const channel = Math.floor(o / groupOut) * groupIn + c;
            const value = x[(item * conv.frames + frame) * xRowStride + channel] ?? NaN;
            sum += value * (w[(o * groupIn + c) * conv.kernel + k] ?? NaN);
          }
        }
        out[(item * conv.outFrames + t) * conv.outChannels + o] = sum;
      }
    }
  }
  return out;
}

/** PyTorch's [out][in][tap] → the GEMM's [out][tap][in], in-channels padded with zeros to `inStride`. */
export function packConvWeight(
  w: Float32Array,
  outChannels: number,
  inChannels: number,
  kernel: number,
  inStride: number,
): Float32Array {
  const packed = new Float32Array(outChannels * kernel * inStride);
  for (let o = 0; o < outChannels; o++) {
    for (let c = 0; c < inChannels; c++) {
      for (let k = 0; k < kernel; k++) {
        packed[(o * kernel + k) * inStride + c] = w[(o * inChannels + c) * kernel + k] ?? NaN;
      }
    }
  }
  return packed;
}

/** Rows of `rowLength` numbers, padded to a multiple of 4 by zeros. */
export function padRows(values: Float64Array, rowLength: number): Float64Array {
  const stride = ceil4(rowLength);
  return Float64Array.from({ length: (values.length / rowLength) * stride }, (_, i) =>
    i % stride < rowLength ? (values[Math.floor(i / stride) * rowLength + (i % stride)] ?? NaN) : 0,
  );
}
