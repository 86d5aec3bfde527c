/** Element types of safetensors files, and their conversion to the float32 that the engine computes from. */
import { UniSpeechError } from '../base/errors.ts';

/**
 * Bits of one element, for every dtype that the format knows, in the order of the reference's own list: narrow ones first
 * (`safetensors/src/tensor.rs`).
 */
const BITS_PER_ELEMENT = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

/** A dtype that a valid file may hold. */
export type StoredDtype = keyof typeof BITS_PER_ELEMENT;

/** The dtypes that the engine reads weights from. */
export const WEIGHT_DTYPES = ['F32', 'F16', 'BF16', 'F64'] as const;
export type WeightDtype = (typeof WEIGHT_DTYPES)[number];

export function isDtype(value: unknown): value is StoredDtype {
  return typeof value === 'string' && Object.hasOwn(BITS_PER_ELEMENT, value);
}

export function isWeightDtype(dtype: StoredDtype): dtype is WeightDtype {
  return (WEIGHT_DTYPES as readonly StoredDtype[]).includes(dtype);
}

export function elementBitLength(dtype: StoredDtype): number {
  return BITS_PER_ELEMENT[dtype];
}

/** Where a writer puts tensors of this dtype: those of high rank first. */
export const storageRank = (dtype: StoredDtype): number => Object.keys(BITS_PER_ELEMENT).indexOf(dtype);

export function elementByteLength(dtype: WeightDtype | 'U32'): number {
  return BITS_PER_ELEMENT[dtype] / 8;
}

/**
 * Little-endian elements as float32 (every WebGPU platform is little-endian).
 * F32, and words as if they were F32, come back as a view on the same memory where the offset is aligned; everything else is
 * converted or copied.
 * @param bytes a whole number of elements.
 * @param into memory of at least four bytes an element for a conversion to write into, instead of new one.
 */
export function toFloat32(bytes: Uint8Array, dtype: WeightDtype | 'U32', into?: ArrayBuffer): Float32Array {
  const byteLength = elementByteLength(dtype);
  if (bytes.byteLength % byteLength !== 0) {
    throw new UniSpeechError(
      'bad-checkpoint',
      `${bytes.byteLength} bytes are no whole number of ${dtype} elements of ${byteLength} bytes.`,
    );
  }
  const { buffer, byteOffset } = aligned(bytes, byteLength);
  const elementCount = bytes.byteLength / byteLength;
  if (dtype === 'F32' || dtype === 'U32') return new Float32Array(buffer, byteOffset, elementCount);

  const values = new Float32Array(into ?? new ArrayBuffer(4 * elementCount), 0, elementCount);
  if (dtype === 'F64') {
    values.set(new Float64Array(buffer, byteOffset, elementCount));
  } else {
    const patterns = new Uint16Array(buffer, byteOffset, elementCount);
    const bits = new Uint32Array(values.buffer, 0, elementCount);
    const table = dtype === 'F16' ? (float16Table ??= makeFloat16Table()) : undefined;
    for (let i = 0; i < elementCount; i++) {
      const pattern = patterns[i] ?? 0;
      // A bfloat16 is the upper half of a float32.
      bits[i] = table ? (table[pattern] ?? 0) : pattern << 16;
    }
  }
  return values;
}

/** Little-endian float16 elements as their bit patterns: a view on the same memory where the offset is aligned. */
export function float16Patterns(bytes: Uint8Array): Uint16Array {
  const { buffer, byteOffset, byteLength } = aligned(bytes, 2);
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}

/** A typed array over an unaligned offset is a RangeError; a file does not promise alignment. */
const aligned = (bytes: Uint8Array, elementBytes: number): Uint8Array =>
  bytes.byteOffset % elementBytes === 0 ? bytes : bytes.slice();

/** The float32 bit patterns of all 65,536 float16 ones, built on first use. Each element then takes one look-up. */
let float16Table: Uint32Array | undefined;
const makeFloat16Table = (): Uint32Array =>
  Uint32Array.from({ length: 65_536 }, (_, pattern) => float16Bits(pattern));

/** The float32 bit pattern of a float16 bit pattern: exact, since every float16 is a float32. */
function float16Bits(pattern: number): number {
  const sign = (pattern & 0x8000) << 16;
  const exponent = (pattern >> 10) & 0x1f;
  const mantissa = pattern & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f80_0000 | (mantissa << 13);
  if (exponent > 0) return sign | ((exponent + 127 - 15) << 23) | (mantissa << 13);
  if (mantissa === 0) return sign;
  // Subnormal: mantissa · 2^-24. Shift its leading one up to the hidden bit's place and lower the exponent as much.
  const shift = Math.clz32(mantissa) - 21;
  return sign | ((127 - 14 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13);
}
