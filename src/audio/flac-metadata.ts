/** Follows the metadata blocks of a FLAC stream to its first frame, by their lengths, while the bytes come. */
import type { ByteWindow } from './byte-window.ts';
import { readFlacFrameHeader } from './flac-header.ts';

/** The most metadata blocks that are followed. Real files have a few, and some of these are pictures. */
const MAX_METADATA_BLOCKS = 1000;
const BLOCK_HEADER_BYTES = 4;
/** A frame's header is shorter. */
const FRAME_HEADER_BYTES = 17;

export class FlacMetadata {
  /** Where the blocks so far end. */
  #end: number;
  #isLast = false;
  #count = 0;

  /** @param start offset of `fLaC`. */
  constructor(start: number) {
    this.#end = start + BLOCK_HEADER_BYTES;
  }

  get end(): number {
    return this.#end;
  }

  /** @returns whether a frame begins where the metadata ends. If not, its lengths may be wrong. Undefined if bytes are missing. */
  advance(window: ByteWindow): boolean | undefined {
    const { isComplete, end } = window;
    while (!this.#isLast && this.#count < MAX_METADATA_BLOCKS && this.#end < end) {
      if (this.#end + BLOCK_HEADER_BYTES > end && !isComplete) return undefined;
      const [head = 0, high = 0, middle = 0, low = 0] = window.slice(this.#end, end);
      this.#isLast = head >= 128;
      this.#end += BLOCK_HEADER_BYTES + high * 65_536 + middle * 256 + low;
      this.#count += 1;
    }
    if (this.#end + FRAME_HEADER_BYTES > end && !isComplete) return undefined;
    return readFlacFrameHeader(window.bytes, this.#end - window.start, undefined) !== undefined;
  }
}
