/** The chunks of WAV (RIFF) and AIFF (IFF) files, while the bytes of the file come. What was read is forgotten. */
import { textAt, viewOf } from '../base/bytes.ts';
import { ByteWindow } from './byte-window.ts';

export interface Chunk {
  readonly id: string;
  /** The length that its header declares. */
  readonly declaredByteLength: number;
  /** The place of its content in the file. */
  readonly start: number;
  /** Where its content ends if the file holds all of it. */
  readonly end: number;
}

/** Goes on as far as the bytes of the file that came allow, and pauses where more are needed. */
export type Waiting<Result = void> = Generator<undefined, Result, undefined>;

export const FILE_HEADER_BYTES = 12;
export const CHUNK_HEADER_BYTES = 8;
/** In a chunk's header: the chunk `ds64` holds the real size, which needs more than 32 bits, or, without one, nobody knew it. */
export const UNKNOWN_SIZE = 0xffffffff;
const FILE_IDS = /^(RIFF|RF64|BW64|FORM)$/;
const CHUNK_IDS = /^(fmt |data|fact|LIST|COMM|SSND)$/;

export class ChunkReader {
  readonly #window: ByteWindow;
  readonly #isLittleEndian: boolean;
  /** Bytes before this place are not needed any more. */
  #place = 0;
  #keptFrom = Infinity;
  /** Where the next chunk starts, but for padding. */
  #next = 0;
  #isPadded = false;
  #dataByteLength: number | undefined;

  constructor(window: ByteWindow, isLittleEndian: boolean) {
    this.#window = window;
    this.#isLittleEndian = isLittleEndian;
  }

  /** The next chunk of the file, or of a file that was appended to it; undefined at the end. */
  *next(): Waiting<Chunk | undefined> {
    // Chunks of odd length are followed by one byte of padding, which some programs forget.
    if (this.#isPadded && !CHUNK_IDS.test(textAt(yield* this.bytesAt(this.#next, 4), 0, 4))) this.#next += 1;
    this.#isPadded = false;
    for (;;) {
      const header = yield* this.bytesAt(this.#next, CHUNK_HEADER_BYTES);
      const id = textAt(header, 0, 4);
      // Zeros after the last chunk would read as endless empty chunks.
      if (header.length < CHUNK_HEADER_BYTES || id === '\0\0\0\0') return undefined;
      if (FILE_IDS.test(id)) {
        this.#next += FILE_HEADER_BYTES;
        continue;
      }
      const size = viewOf(header).getUint32(4, this.#isLittleEndian);
      const isInDs64 = id === 'data' && size === UNKNOWN_SIZE;
      const declaredByteLength = (isInDs64 ? this.#dataByteLength : undefined) ?? size;
      const start = this.#next + CHUNK_HEADER_BYTES;
      this.#next = start + declaredByteLength;
      this.#isPadded = declaredByteLength % 2 === 1;
      const chunk = { id, declaredByteLength, start, end: this.#next };
      if (id === 'ds64') {
        const sizes = yield* this.head(chunk, 16);
        if (sizes.length === 16) this.#dataByteLength = Number(viewOf(sizes).getBigUint64(8, true));
      }
      return chunk;
    }
  }

  /** The first bytes of a chunk; fewer if it or the file is shorter. */
  *head({ start, declaredByteLength }: Chunk, byteLength: number): Waiting<Uint8Array> {
    return yield* this.bytesAt(start, Math.min(byteLength, declaredByteLength));
  }

  /** The bytes from a place on, as far as the file has them. */
  *bytesAt(start: number, byteLength: number): Waiting<Uint8Array> {
    yield* this.waitFor(start, start + byteLength);
    return this.#window.slice(start, start + byteLength);
  }

  /** The bytes from this place on are kept until they are read, whatever is read behind them. */
  keep(place: number): void {
    this.#keptFrom = Math.min(this.#keptFrom, place);
  }

  /**
   * Reads the bytes between two places, as they come, in pieces of whole units. The last piece may be of any length.
   * @returns how many there are.
   */
  *read(
    start: number,
    end: number,
    unitByteLength: number,
    addPiece: (piece: Uint8Array) => void,
  ): Waiting<number> {
    const window = this.#window;
    this.#keptFrom = Infinity;
    let place = start;
    for (;;) {
      const existing = Math.min(end, window.end);
      const isEnd = existing === end || window.isComplete;
      const byteLength = Math.max(0, existing - place);
      const next = place + byteLength - (isEnd ? 0 : byteLength % unitByteLength);
      if (next > place) addPiece(window.slice(place, next));
      place = next;
      if (isEnd) return place - start;
      window.discardTo(place);
      yield;
    }
  }

  /** Waits for the bytes between two places, and forgets those before them. @returns how many of them the file has. */
  *waitFor(start: number, end: number): Waiting<number> {
    const window = this.#window;
    this.#place = start;
    while (window.end < end && !window.isComplete) {
      window.discardTo(Math.min(this.#place, this.#keptFrom));
      yield;
    }
    return Math.max(0, Math.min(end, window.end) - start);
  }

  /** Waits for the end of the file, and forgets all before it. @returns the length of the file. */
  *waitForEnd(): Waiting<number> {
    this.#keptFrom = Infinity;
    yield* this.waitFor(Infinity, Infinity);
    return this.#window.end;
  }
}
