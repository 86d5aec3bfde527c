/** Weights from float32 into the formats of `weight-format.ts`, and back for references and reports. */
import { BLOCK_LENGTH, hasScales, matrixLayout, type WeightFormat } from './weight-format.ts';

/** Consecutive rows of a matrix as they lie on the GPU. */
export interface EncodedRows {
  /** The weights, each row at `rowByteLength`. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** The scales of these rows; empty for formats without. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/**
 * Encodes whole rows.
 * @param values rows × `rowLength` numbers; `rowLength` is a multiple of 4.
 * @param memory is used instead of new memory where it is long enough.
 */
export function encodeRows(
  format: WeightFormat,
  values: Float32Array,
  rowLength: number,
  memory?: EncodedRows,
): EncodedRows {
  const rows = values.length / rowLength;
  const { rowByteLength, rowScaleCount, rowStride } = matrixLayout(format, { rows, rowLength });
  const wordCount = (rows * rowByteLength) / 4;
  const scaleCount = rows * rowScaleCount;
  const words =
    memory && memory.words.length >= wordCount
      ? memory.words.subarray(0, wordCount)
      : new Uint32Array(wordCount);
  const scales =
    memory && memory.scales.length >= scaleCount
      ? memory.scales.subarray(0, scaleCount)
      : new Float32Array(scaleCount);
  switch (format) {
    case 'f32':
      words.set(new Uint32Array(values.buffer, values.byteOffset, values.length));
      break;
    case 'f16':
      encodeFloat16(values, words);
      break;
    case 'q8':
    case 'q4':
      for (let row = 0, block = 0; row < rows; row++) {
        for (let start = 0; start < rowStride; start += BLOCK_LENGTH, block++) {
          const begin = row * rowLength + start;
          const end = row * rowLength + Math.min(start + BLOCK_LENGTH, rowLength);
          scales[block] =
            format === 'q8'
              ? encodeBytes(values, begin, end, words, block * (BLOCK_LENGTH / 4))
              : encodeHalfBytes(values, begin, end, words, block * (BLOCK_LENGTH / 8));
        }
      }
  }
  return { words, scales };
}

/** The number of largest magnitude, with its sign. */
function extreme(values: Float32Array, begin: number, end: number): number {
  let found = 0;
  for (let i = begin; i < end; i++) {
    const value = values[i] ?? 0;
    // A damaged weight must show: a scale of NaN makes the whole block NaN.
    if (!Number.isFinite(value)) return NaN;
    if (Math.abs(value) > Math.abs(found)) found = value;
  }
  return found;
}

/** A block to −127 … 127; returns its scale. Words behind the end of a short block stay zero. */
function encodeBytes(
  values: Float32Array,
  begin: number,
  end: number,
  words: Uint32Array,
  firstWord: number,
): number {
  const scale = Math.fround(Math.abs(extreme(values, begin, end)) / 127);
  const factor = scale > 0 ? 1 / scale : 0;
  words.fill(0, firstWord, firstWord + BLOCK_LENGTH / 4);
  for (let i = begin; i < end; i++) {
    const code = Math.max(-127, Math.min(127, Math.round((values[i] ?? 0) * factor)));
    const index = i - begin;
    words[firstWord + (index >> 2)] =
      (words[firstWord + (index >> 2)] ?? 0) | ((code & 0xff) << (8 * (index & 3)));
  }
  return scale;
}

/**
 * A block to −8 … 7, the number of largest magnitude being −8: one step more than a range that is the same on both sides.
 * Returns the scale, which is negative where that number is positive.
 */
function encodeHalfBytes(
  values: Float32Array,
  begin: number,
  end: number,
  words: Uint32Array,
  firstWord: number,
): number {
  const scale = Math.fround(extreme(values, begin, end) / -8);
  const factor = scale === 0 ? 0 : 1 / scale;
  words.fill(0, firstWord, firstWord + BLOCK_LENGTH / 8);
  for (let i = begin; i < end; i++) {
    const code = Math.max(-8, Math.min(7, Math.round((values[i] ?? 0) * factor)));
    const index = i - begin;
    words[firstWord + (index >> 3)] =
      (words[firstWord + (index >> 3)] ?? 0) | ((code & 0xf) << (4 * (index & 7)));
  }
  return scale;
}

const LARGEST_FLOAT16 = 65504;
const FLOAT16_NAN = 0x7e00;

/** Two numbers a word, each rounded to the nearest float16, ties to even; magnitudes past the largest become the largest. */
function encodeFloat16(values: Float32Array, words: Uint32Array): void {
  const halves = new Uint16Array(words.buffer, words.byteOffset, 2 * words.length);
  const scratch = new Float32Array(1);
  const bits = new Uint32Array(scratch.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    const magnitude = Math.min(Math.abs(value), LARGEST_FLOAT16);
    // Adding 2^k with the right k leaves the ten bits that stay at the end of the sum, rounded by the addition itself.
    scratch[0] = magnitude;
    const exponent = Math.max((bits[0] ?? 0) >>> 23, 113);
    bits[0] = (exponent + 13) << 23;
    const unit = scratch[0];
    scratch[0] = magnitude + unit;
    const mantissa = bits[0] & 0xfff;
    halves[i] = Number.isNaN(value)
      ? FLOAT16_NAN
      : (value < 0 ? 0x8000 : 0) | (((exponent - 113) << 10) + mantissa);
  }
}

/** The numbers that a GEMM computes with, as rows of `rowLength`. */
export function decodeRows(
  format: WeightFormat,
  { words, scales }: EncodedRows,
  { rows, rowLength }: { readonly rows: number; readonly rowLength: number },
): Float32Array<ArrayBuffer> {
  const { rowStride } = matrixLayout(format, { rows, rowLength });
  const values = new Float32Array(rows * rowLength);
  const read = READERS[format];
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < rowLength; i++) {
      const index = row * rowStride + i;
      const scale = hasScales(format) ? (scales[Math.floor(index / BLOCK_LENGTH)] ?? NaN) : 1;
      values[row * rowLength + i] = read(words, index) * scale;
    }
  }
  return values;
}

const READERS: Readonly<Record<WeightFormat, (words: Uint32Array<ArrayBuffer>, index: number) => number>> = {
  f32: (words, index) => new Float32Array(words.buffer, words.byteOffset, words.length)[index] ?? NaN,
  f16: (words, index) => float16((words[index >> 1] ?? 0) >>> (16 * (index & 1))),
  q8: (words, index) => ((words[index >> 2] ?? 0) << (24 - 8 * (index & 3))) >> 24,
  q4: (words, index) => ((words[index >> 3] ?? 0) << (28 - 4 * (index & 7))) >> 28,
};

function float16(pattern: number): number {
  const sign = (pattern & 0x8000) === 0 ? 1 : -1;
  const exponent = (pattern >> 10) & 0x1f;
  const mantissa = pattern & 0x3ff;
  // What encodes here has no infinity.
  if (exponent === 0x1f) return NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}
