/** Converts weights from float32 into the formats of `weight-format.ts`, and back for references and reports. */
import { BITS, BLOCK_LENGTH, hasScales, matrixLayout, type WeightFormat } from './weight-format.ts';

/** Consecutive rows of a matrix in their GPU layout. */
export interface EncodedRows {
  /** The weights; each row takes `rowByteLength` bytes. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** The scales of these rows; empty for formats without scales. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/**
 * Encodes whole rows.
 * @param values rows × `rowLength` numbers; `rowLength` is a multiple of 4. For `f16` also bit patterns of float16 numbers.
 * @param memory used instead of new memory if it is long enough.
 */
export function encodeRows(
  format: WeightFormat,
  values: Float32Array | Uint16Array,
  rowLength: number,
  memory?: EncodedRows,
): EncodedRows {
  const rows = values.length / rowLength;
  const { rowByteLength, rowScaleCount, rowStride } = matrixLayout(format, { rows, rowLength });
  const wordCount = (rows * rowByteLength) / 4;
  const scaleCount = rows * rowScaleCount;
  const words = reused(memory?.words, wordCount) ?? new Uint32Array(wordCount);
  const scales = reused(memory?.scales, scaleCount) ?? new Float32Array(scaleCount);
  if (values instanceof Uint16Array) keepFloat16(values, words);
  else if (format === 'f32') words.set(new Uint32Array(values.buffer, values.byteOffset, values.length));
  else if (format === 'f16') encodeFloat16(values, words);
  else {
    words.fill(0);
    for (let row = 0, block = 0; row < rows; row++) {
      for (let start = 0; start < rowStride; start += BLOCK_LENGTH, block++) {
        const begin = row * rowLength;
        const part = values.subarray(begin + start, begin + Math.min(start + BLOCK_LENGTH, rowLength));
        scales[block] = encodeBlock(BITS[format], part, words, block);
      }
    }
  }
  return { words, scales };
}

const reused = <T extends EncodedRows['words' | 'scales']>(memory: T | undefined, length: number) =>
  memory && memory.length >= length ? (memory.subarray(0, length) as T) : undefined;

/** The number with the largest magnitude, with its sign. */
function extreme(values: Float32Array): number {
  let found = 0;
  for (const value of values) {
    // A damaged weight must be visible: a NaN scale makes the whole block NaN.
    if (!Number.isFinite(value)) return NaN;
    if (Math.abs(value) > Math.abs(found)) found = value;
  }
  return found;
}

/**
 * Encodes a block as bytes in −127 … 127, or as half bytes in −8 … 7. In half bytes the number of largest magnitude becomes −8, which
 * gives one step more than a symmetric range. Writes into words of zeros. Returns the scale, which is negative if −8 stands for a
 * positive number.
 */
function encodeBlock(bits: number, values: Float32Array, words: Uint32Array, block: number): number {
  const [lowest, highest] = bits === 8 ? [-127, 127] : [-8, 7];
  const largest = extreme(values);
  const scale = Math.fround((bits === 8 ? -Math.abs(largest) : largest) / lowest);
  const factor = scale === 0 ? 0 : 1 / scale;
  for (let i = 0, bit = block * BLOCK_LENGTH * bits; i < values.length; i++, bit += bits) {
    const code = Math.max(lowest, Math.min(highest, Math.round((values[i] ?? 0) * factor)));
    words[bit >> 5] = (words[bit >> 5] ?? 0) | ((code & (2 ** bits - 1)) << (bit & 31));
  }
  return scale;
}

export const LARGEST_FLOAT16 = 65504;
const FLOAT16_INFINITY = 0x7c00;
const FLOAT16_NAN = 0x7e00;

/** Two numbers per word, each rounded to the nearest float16, ties to even. Magnitudes above the largest float16 become the largest. */
function encodeFloat16(values: Float32Array, words: Uint32Array): void {
  const halves = new Uint16Array(words.buffer, words.byteOffset, 2 * words.length);
  const scratch = new Float32Array(1);
  const bits = new Uint32Array(scratch.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    const magnitude = Math.min(Math.abs(value), LARGEST_FLOAT16);
    // Adding 2^k with the right k puts the ten remaining bits at the end of the sum. The addition itself rounds them.
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

/** Two float16 bit patterns per word, as `encodeFloat16` would make them from the same numbers in float32. */
function keepFloat16(patterns: Uint16Array, words: Uint32Array): void {
  const halves = new Uint16Array(words.buffer, words.byteOffset, 2 * words.length);
  for (let i = 0; i < halves.length; i++) {
    const pattern = patterns[i] ?? 0;
    const magnitude = pattern & 0x7fff;
    // Only these values change: -0 becomes 0, an infinity the largest number, and every NaN the same NaN.
    if (magnitude > FLOAT16_INFINITY) halves[i] = FLOAT16_NAN;
    else if (magnitude === FLOAT16_INFINITY) halves[i] = pattern - 1;
    else halves[i] = magnitude === 0 ? 0 : pattern;
  }
}

/** Decodes the numbers that a GEMM computes with, as rows of `rowLength`. */
export function decodeRows(
  format: WeightFormat,
  { words, scales }: EncodedRows,
  { rows, rowLength }: { readonly rows: number; readonly rowLength: number },
): Float32Array<ArrayBuffer> {
  const { rowStride } = matrixLayout(format, { rows, rowLength });
  const values = new Float32Array(rows * rowLength);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < rowLength; i++) {
      const index = row * rowStride + i;
      const scale = hasScales(format) ? (scales[Math.floor(index / BLOCK_LENGTH)] ?? NaN) : 1;
      values[row * rowLength + i] = read(format, words, index) * scale;
    }
  }
  return values;
}

function read(format: WeightFormat, words: Uint32Array<ArrayBuffer>, index: number): number {
  if (format === 'f32') return new Float32Array(words.buffer, words.byteOffset, words.length)[index] ?? NaN;
  // Shifting to the top of a word and back extends the sign.
  const bits = BITS[format];
  const bit = index * bits;
  const code = ((words[bit >> 5] ?? 0) << (32 - bits - (bit & 31))) >> (32 - bits);
  return format === 'f16' ? float16(code) : code;
}

function float16(pattern: number): number {
  const sign = (pattern & 0x8000) === 0 ? 1 : -1;
  const exponent = (pattern >> 10) & 0x1f;
  const mantissa = pattern & 0x3ff;
  // The encoder above never writes an infinity.
  if (exponent === 0x1f) return NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}
