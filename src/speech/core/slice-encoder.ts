/** Weights on their way to a buffer or a file: in slices, matrices encoded by whole rows. */
import type { EncodedRows } from '../../../kernels/encode-weights.ts';
import {
  BLOCK_LENGTH,
  matrixLayout,
  type MatrixLayout,
  type WeightFormat,
} from '../../../kernels/weight-format.ts';
import { SLICE_BYTE_LENGTH } from '../../checkpoint/checkpoint.ts';
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import { encodeRows } from './later-encoder.ts';

const SLICE_LENGTH = SLICE_BYTE_LENGTH / 4;

/** Bytes of a weight buffer from `byteOffset` on; the memory is used again for the next slice. */
export interface EncodedSlice {
  readonly byteOffset: number;
  readonly content: Float32Array | Uint32Array;
}

interface EncodedMatrix {
  readonly rowLength: number;
  readonly layout: MatrixLayout;
}

export class SliceEncoder {
  #memory: EncodedRows | undefined;
  readonly #format: WeightFormat;

  /** @param format of matrices; everything else stays float32. */
  constructor(format: WeightFormat) {
    this.#format = format;
  }

  byteLengthOf(weight: WeightBuffer): number {
    return this.#matrixOf(weight)?.layout.byteLength ?? 4 * weight.elementCount;
  }

  /** Whether `slices` takes bit patterns of float16 numbers for a weight. */
  keepsFloat16(weight: WeightBuffer): boolean {
    return this.#format === 'f16' && weight.rowLength !== undefined;
  }

  /**
   * @param elementOffset of the first value in the weight.
   * @param values of a matrix whole rows; bit patterns of float16 numbers only where the encoder keeps them.
   * @throws UniSpeechError `network` where the code that encodes is out of reach.
   */
  async *slices(
    weight: WeightBuffer,
    elementOffset: number,
    values: Float32Array | Uint16Array,
  ): AsyncGenerator<EncodedSlice, void, undefined> {
    const matrix = this.#matrixOf(weight);
    if (matrix === undefined) {
      if (values instanceof Uint16Array) throw new Error(`${weight.name} is kept as float32`);
      for (let start = 0; start < values.length; start += SLICE_LENGTH) {
        const content = values.subarray(start, start + SLICE_LENGTH);
        yield { byteOffset: 4 * (elementOffset + start), content };
      }
      return;
    }
    const { rowLength, layout } = matrix;
    this.#memory ??= {
      words: new Uint32Array(SLICE_LENGTH / 2),
      scales: new Float32Array(SLICE_LENGTH / BLOCK_LENGTH),
    };
    const step = Math.max(1, Math.floor(SLICE_LENGTH / rowLength)) * rowLength;
    for (let start = 0; start < values.length; start += step) {
      const rows = values.subarray(start, start + step);
      const { words, scales } = await encodeRows(this.#format, rows, rowLength, this.#memory);
      const row = (elementOffset + start) / rowLength;
      yield { byteOffset: row * layout.rowByteLength, content: words };
      if (scales.length > 0)
        yield { byteOffset: layout.scalesOffset + 4 * row * layout.rowScaleCount, content: scales };
    }
  }

  #matrixOf({ elementCount, rowLength }: WeightBuffer): EncodedMatrix | undefined {
    if (rowLength === undefined || this.#format === 'f32') return undefined;
    return { rowLength, layout: matrixLayout(this.#format, { rows: elementCount / rowLength, rowLength }) };
  }
}
