/** The bytes of a file from some place on, while they come in blocks. What was read is discarded, so hours of sound need little memory. */

/** A block that small would be copied again with the next one. */
const MIN_CAPACITY_BYTES = 65_536;

export class ByteWindow {
  /** Place of the first byte that is kept, from the start of the file. */
  #start = 0;
  /** The kept bytes, in order. They never change and never move within their buffer, so parsers may give out views on them. */
  #bytes: Uint8Array = new Uint8Array(0);
  /** Whether the buffer behind `#bytes` was made here and has room behind them. The caller's blocks are never written to. */
  #isOwn = false;
  #isComplete = false;

  get start(): number {
    return this.#start;
  }

  /** Where the kept bytes end; the length of the file if it is complete. */
  get end(): number {
    return this.#start + this.#bytes.length;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Whether no bytes follow. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  append(block: Uint8Array): void {
    const kept = this.#bytes;
    if (kept.length === 0) {
      this.#bytes = block;
      this.#isOwn = false;
      return;
    }
    const length = kept.length + block.length;
    const { byteLength } = kept.buffer;
    // A buffer from when much was kept is let go.
    const isUsed = this.#isOwn && byteLength <= Math.max(MIN_CAPACITY_BYTES, 4 * length);
    if (isUsed && byteLength - kept.byteOffset >= length) {
      this.#bytes = new Uint8Array(kept.buffer, kept.byteOffset, length);
    } else {
      // Twice what is kept, so that a file that comes byte by byte is not copied as often.
      const capacity = Math.max(MIN_CAPACITY_BYTES, kept.length + length);
      this.#bytes = new Uint8Array(new ArrayBuffer(capacity), 0, length);
      this.#bytes.set(kept);
      this.#isOwn = true;
    }
    this.#bytes.set(block, kept.length);
  }

  finish(): void {
    this.#isComplete = true;
  }

  /** Forgets the bytes before this place, as far as they have come. */
  discardTo(place: number): void {
    const length = Math.min(Math.max(0, place - this.#start), this.#bytes.length);
    this.#start += length;
    this.#bytes = this.#bytes.subarray(length);
  }

  /** The kept bytes between two places of the file. */
  slice(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(Math.max(0, from - this.#start), Math.max(0, to - this.#start));
  }
}
