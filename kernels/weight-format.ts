/** The formats of matrix weights on the GPU: float32, or fewer bits if the model is loaded with such a `dtype`. */
import f16Source from '../shaders/weights_f16.wgsl';
import f32Source from '../shaders/weights_f32.wgsl';
import q4Source from '../shaders/weights_q4.wgsl';
import q8Source from '../shaders/weights_q8.wgsl';

/** float32; float16; signed bytes or half bytes in blocks of 32 that share a scale. */
export type WeightFormat = 'f32' | 'f16' | 'q8' | 'q4';

export const WEIGHT_FORMATS = ['f32', 'f16', 'q8', 'q4'] as const satisfies readonly WeightFormat[];

/** Number of consecutive weights of a row that share a scale. */
export const BLOCK_LENGTH = 32;

/** Bits per weight. */
export const BITS: Readonly<Record<WeightFormat, number>> = { f32: 32, f16: 16, q8: 8, q4: 4 };

/** A matrix of `rows` × `rowLength` weights; `rowLength` is a multiple of 4. */
export interface MatrixShape {
  readonly rows: number;
  readonly rowLength: number;
}

/** The layout of a matrix in its buffer. */
export interface MatrixLayout {
  /** Weights from one row to the next, including the zeros at its end. */
  readonly rowStride: number;
  /** Bytes per row, without its scales. */
  readonly rowByteLength: number;
  /** Scales per row. */
  readonly rowScaleCount: number;
  /** Byte offset of the first scale. Scales are float32, in the order of the blocks. */
  readonly scalesOffset: number;
  readonly byteLength: number;
}

export const hasScales = (format: WeightFormat): boolean => format === 'q8' || format === 'q4';

export function matrixLayout(format: WeightFormat, { rows, rowLength }: MatrixShape): MatrixLayout {
  const rowScaleCount = hasScales(format) ? Math.ceil(rowLength / BLOCK_LENGTH) : 0;
  const rowStride = rowScaleCount > 0 ? rowScaleCount * BLOCK_LENGTH : rowLength;
  const rowByteLength = (rowStride * BITS[format]) / 8;
  const scalesOffset = rows * rowByteLength;
  return {
    rowStride,
    rowByteLength,
    rowScaleCount,
    scalesOffset,
    byteLength: scalesOffset + 4 * rows * rowScaleCount,
  };
}

/** The shader text through which a GEMM reads weights of a format. */
export const WEIGHT_SOURCES: Readonly<Record<WeightFormat, string>> = {
  f32: f32Source,
  f16: f16Source,
  q8: q8Source,
  q4: q4Source,
};
