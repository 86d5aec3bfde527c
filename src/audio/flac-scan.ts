/**
 * Finds where the frames of a FLAC file (RFC 9639) may begin and end. A frame does not state its length. It ends where the checksum
 * over its bytes is right and something else begins. One pass over the file finds all such spans, whatever is damaged between
 * them. The pass divides the remainder of the bytes up to each place by a power of x. Two places then hold the same number
 * exactly if the checksum of the bytes between them is right.
 */
import { textAt, viewOf } from '../base/bytes.ts';
import type { ByteWindow } from './byte-window.ts';
import { crcStep, crcTable } from './crc.ts';
import {
  type FlacFrameHeader,
  readFlacFrameHeader,
  STREAM_HEADER_BYTES,
  STREAMINFO_BYTES,
} from './flac-header.ts';

export interface FlacMark {
  readonly offset: number;
  /** `stream`: `fLaC` and the start of STREAMINFO; `frame`: a frame's header; `other`: a tag, or the end of the file. */
  readonly kind: 'stream' | 'frame' | 'other';
  /** A frame that begins here ends at this place at the latest. */
  readonly limit: number;
  /** The next mark for which the checksum of all bytes in between is right; undefined if there is none so far. */
  end: FlacMark | undefined;
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

/** Finds all places where a frame may begin or end, in order, while the bytes come. */
export class FlacScanner {
  readonly #table = crcTable(CRC16_POLYNOMIAL);
  readonly #powers = powersOfX();
  /** 1 for each byte that a frame, `fLaC` or a tag begins with. */
  readonly #starts = Uint8Array.from({ length: 256 }, (_, byte) =>
    byte === 0xff || byte === 0x66 || TAGS[byte] !== undefined ? 1 : 0,
  );
  /** The last mark of each key. */
  readonly #last = new Map<number, FlacMark>();
  #register = 0;
  #scanned = 0;
  #lastFrameStart = -1;

  /** All marks before this place are known. */
  get scanned(): number {
    return this.#scanned;
  }

  /** Where the last frame begins whose end is known; -1 if there is none. */
  get lastFrameStart(): number {
    return this.#lastFrameStart;
  }

  /** Scans the bytes that have come since the last call. @param marks the new ones are added to it. */
  scan(window: ByteWindow, marks: FlacMark[]): void {
    const { bytes, start, isComplete } = window;
    const table = this.#table;
    // As many bytes as tell what begins at a place: STREAMINFO is the longest.
    const end = isComplete ? bytes.length : bytes.length - STREAM_HEADER_BYTES;
    let register = this.#register;
    const starts = this.#starts;
    for (let offset = this.#scanned - start; offset < end; offset += 1) {
      const byte = bytes[offset] ?? 0;
      if (starts[byte] === 1) this.#markAt(marks, register, bytes, offset, start);
      register = crcStep(table, register, byte);
    }
    this.#register = register;
    this.#scanned = Math.max(this.#scanned, start + end);
    if (isComplete) this.#mark(marks, register, this.#scanned, 'other');
  }

  /** Marks the place if something begins there. @param start place of the first of `bytes`. */
  #markAt(marks: FlacMark[], register: number, bytes: Uint8Array, offset: number, start: number): void {
    const byte = bytes[offset] ?? 0;
    const tag = TAGS[byte];
    if (byte === 0xff) {
      // Most of these bytes are told by the next one to begin nothing.
      const header =
        ((bytes[offset + 1] ?? 0) & 0xfe) === 0xf8
          ? readFlacFrameHeader(bytes, offset, undefined)
          : undefined;
      if (header)
        this.#mark(marks, register, start + offset, 'frame', start + offset + maximumFrameBytes(header));
    } else if (tag === undefined) {
      if (isStreamStart(bytes, offset)) this.#mark(marks, register, start + offset, 'stream');
    } else if (bytes[offset + 1] === tag.charCodeAt(1) && textAt(bytes, offset, tag.length) === tag) {
      this.#mark(marks, register, start + offset, 'other');
    }
  }

  #mark(marks: FlacMark[], register: number, offset: number, kind: FlacMark['kind'], limit = offset): void {
    const mark = { offset, kind, limit, end: undefined };
    // The remainder so far, divided by x to the number of bits so far.
    const key = multiply(register >>> 16, this.#powers[(ORDER - ((8 * offset) % ORDER)) % ORDER] ?? 0);
    const last = this.#last.get(key);
    if (last) {
      last.end = mark;
      if (last.kind === 'frame' && offset <= last.limit)
        this.#lastFrameStart = Math.max(this.#lastFrameStart, last.offset);
    }
    this.#last.set(key, mark);
    marks.push(mark);
  }
}

/**
 * The most bytes that are searched for the end of a frame. Encoders store samples as they are where nothing is shorter, so twice as
 * much is more than any of them writes. Without a limit a damaged frame would end at the first of the 65,536 places behind it where the
 * checksum is right by chance, and a file of hours would have to be kept whole until then.
 */
export function maximumFrameBytes({ blockSize, channelCount, bitsPerSample }: FlacFrameHeader): number {
  // The difference of two channels takes one more bit.
  const bits = (bitsPerSample || MAX_BITS_PER_SAMPLE) + 1;
  return 2 * (MAX_HEADER_BYTES + channelCount * (MAX_SUBFRAME_HEADER_BYTES + (blockSize * bits) / 8));
}

const MAX_BITS_PER_SAMPLE = 32;
/** Of a frame, with its checksum. */
const MAX_HEADER_BYTES = 18;
const MAX_SUBFRAME_HEADER_BYTES = 6;

/** All places where a frame at the start of `bytes` may end, because its checksum is right there. */
export function findFlacEnds(bytes: Uint8Array): number[] {
  const table = crcTable(CRC16_POLYNOMIAL);
  const ends: number[] = [];
  let register = 0;
  for (let offset = 0; offset < bytes.length;) {
    register = crcStep(table, register, bytes[offset] ?? 0);
    offset += 1;
    if (register === 0 && offset >= MINIMUM_FRAME_BYTES) ends.push(offset);
  }
  return ends;
}

/** The shortest frame: header, one constant subframe of 4 bits per sample, and the checksum. */
export const MINIMUM_FRAME_BYTES = 9;

function isStreamStart(bytes: Uint8Array, offset: number): boolean {
  if (textAt(bytes, offset, 4) !== 'fLaC' || offset + STREAM_HEADER_BYTES > bytes.length) return false;
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
