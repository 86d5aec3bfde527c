/**
 * Finds where the frames of a FLAC file (RFC 9639) may begin and end. A frame does not state its length. It ends where the checksum
 * over its bytes is right and something else begins. One pass over the file finds all such spans, whatever is damaged between
 * them. The pass divides the remainder of the bytes up to each place by a power of x. Two places then hold the same number
 * exactly if the checksum of the bytes between them is right.
 */
import { textAt, viewOf } from '../base/bytes.ts';
import { crcStep, crcTable } from './crc.ts';
import { readFlacFrameHeader, STREAMINFO_BYTES } from './flac-header.ts';

export interface FlacMark {
  readonly offset: number;
  /** `stream`: `fLaC` and the start of STREAMINFO; `frame`: a frame's header; `other`: a tag, or the end of the file. */
  readonly kind: 'stream' | 'frame' | 'other';
  /** Index of the next mark for which the checksum of all bytes in between is right. */
  end: number | undefined;
}

/** The polynomial x^16 + x^15 + x^2 + 1, in the upper half of the register. */
const CRC16_POLYNOMIAL = 0x80050000;
/** x to this power is 1 modulo the polynomial. */
const ORDER = 32_767;
const TAGS: Readonly<Record<number, string>> = {
  0x41: 'APETAGEX',
  0x49: 'ID3',
  0x4c: 'LYRICSBEGIN',
  0x54: 'TAG',
};

/** All places in `bytes` where a frame may begin or end, in order. */
export function scanFlac(bytes: Uint8Array): FlacMark[] {
  const marks: FlacMark[] = [];
  const keys: number[] = [];
  const powers = powersOfX();
  let register = 0;
  const mark = (offset: number, kind: FlacMark['kind']): void => {
    marks.push({ offset, kind, end: undefined });
    // The remainder so far, divided by x to the number of bits so far.
    keys.push(multiply(register >>> 16, powers[(ORDER - ((8 * offset) % ORDER)) % ORDER] ?? 0));
  };
  const table = crcTable(CRC16_POLYNOMIAL);
  for (let offset = 0; offset < bytes.length; offset += 1) {
    const byte = bytes[offset] ?? 0;
    if (byte === 0xff) {
      if (readFlacFrameHeader(bytes, offset, undefined)) mark(offset, 'frame');
    } else if (byte === 0x66) {
      if (isStreamStart(bytes, offset)) mark(offset, 'stream');
    } else {
      const tag = TAGS[byte];
      if (tag !== undefined && textAt(bytes, offset, tag.length) === tag) mark(offset, 'other');
    }
    register = crcStep(table, register, byte);
  }
  mark(bytes.length, 'other');
  const nextOf = new Map<number, number>();
  for (let index = marks.length - 1; index >= 0; index -= 1) {
    const key = keys[index] ?? 0;
    const current = marks[index];
    if (current) current.end = nextOf.get(key);
    nextOf.set(key, index);
  }
  return marks;
}

/** All places between `start` and `limit` where a frame may end, because its checksum is right there. */
export function findFlacEnds(bytes: Uint8Array, start: number, limit: number): number[] {
  const table = crcTable(CRC16_POLYNOMIAL);
  const ends: number[] = [];
  let register = 0;
  for (let offset = start; offset < limit;) {
    register = crcStep(table, register, bytes[offset] ?? 0);
    offset += 1;
    if (register === 0 && offset - start >= MINIMUM_FRAME_BYTES) ends.push(offset);
  }
  return ends;
}

/** The shortest frame: header, one constant subframe of 4 bits per sample, and the checksum. */
export const MINIMUM_FRAME_BYTES = 9;

function isStreamStart(bytes: Uint8Array, offset: number): boolean {
  if (textAt(bytes, offset, 4) !== 'fLaC' || offset + 8 + STREAMINFO_BYTES > bytes.length) return false;
  return (viewOf(bytes).getUint32(offset + 4) & 0x7fffffff) === STREAMINFO_BYTES;
}

/** x to the powers 0 to ORDER - 1, modulo the polynomial. */
function powersOfX(): Uint16Array {
  const powers = new Uint16Array(ORDER);
  for (let index = 0, power = 1; index < ORDER; index += 1) {
    powers[index] = power;
    power = double(power);
  }
  return powers;
}

const double = (value: number): number => ((value << 1) ^ (value & 0x8000 ? 0x18005 : 0)) & 0xffff;

/** The product of two polynomials, modulo the checksum's. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let rest = a, factor = b; rest !== 0; rest >>>= 1, factor = double(factor))
    if (rest & 1) product ^= factor;
  return product;
}
