/**
 * The numbers of a file that is larger than the memory it may take: pages are read when they are needed, and one that was not used for long makes room. A
 * look-up cannot wait, so only sources with `readSync` serve.
 */
import type { ByteSource } from '../../base/files.ts';
import type { ModelWords } from './model-words.ts';

/** Of which pages are read without waiting. */
export interface PagedSource extends ByteSource {
  readSync(byteOffset: number, into: Uint8Array): void;
}

export interface PageOptions {
  /** Of all that is needed of the file. */
  readonly byteLength: number;
  /** What each look-up needs lies before this, and stays in memory where that leaves half of it for the rest. */
  readonly hotByteLength: number;
  /** Of all pages that are kept; at least two pages are. */
  readonly memoryByteLength: number;
  /** A power of two, at least 4. */
  readonly pageByteLength: number;
}

const READ_BYTE_LENGTH = 4 * 2 ** 20;
const NO_SLOT = -1;

let closing: FinalizationRegistry<ByteSource> | undefined;

export class WordsInPages implements ModelWords {
  readonly #source: PagedSource;
  readonly #pageLength: number;
  readonly #share: number;
  /** By page. */
  readonly #slotOf: Int32Array;
  /** What each slot holds, and whether it was used since the hand passed it. */
  readonly #slots: Uint32Array[] = [];
  readonly #pageOf: Int32Array;
  readonly #wasUsed: Uint8Array;
  readonly #slotCount: number;
  /** Slots before keep what they hold. */
  #fixedCount = 0;
  #hand = 0;

  private constructor(source: PagedSource, { byteLength, memoryByteLength, pageByteLength }: PageOptions) {
    this.#source = source;
    this.#pageLength = pageByteLength / 4;
    this.#share = 1 / this.#pageLength;
    this.#slotCount = Math.max(2, Math.floor(memoryByteLength / pageByteLength));
    this.#slotOf = new Int32Array(Math.ceil(byteLength / pageByteLength)).fill(NO_SLOT);
    this.#pageOf = new Int32Array(this.#slotCount);
    this.#wasUsed = new Uint8Array(this.#slotCount);
  }

  /** The source stays open: it is closed when nobody can look anything up any more, if not before. */
  static async open(source: PagedSource, options: PageOptions, signal?: AbortSignal): Promise<WordsInPages> {
    const words = new WordsInPages(source, options);
    const { hotByteLength, memoryByteLength } = options;
    if (hotByteLength <= memoryByteLength / 2) await words.#keepStart(hotByteLength, signal);
    closing ??= new FinalizationRegistry((open) => {
      open.close().catch(() => undefined);
    });
    closing.register(words, source);
    return words;
  }

  at(place: number): number {
    const page = (place * this.#share) | 0;
    let slot = this.#slotOf[page];
    if (slot === undefined) return 0;
    if (slot < 0) slot = this.#load(page);
    this.#wasUsed[slot] = 1;
    return this.#slots[slot]?.[place - page * this.#pageLength] ?? 0;
  }

  /** Reads the start of the file at once, as page by page would take a multiple of the time. */
  async #keepStart(byteLength: number, signal: AbortSignal | undefined): Promise<void> {
    const pageByteLength = 4 * this.#pageLength;
    const pageCount = Math.ceil(byteLength / pageByteLength);
    const pagesARead = Math.max(1, READ_BYTE_LENGTH / pageByteLength);
    for (let first = 0; first < pageCount; first += pagesARead) {
      const count = Math.min(pagesARead, pageCount - first);
      const start = first * pageByteLength;
      const end = Math.min(this.#source.byteLength, start + count * pageByteLength);
      const words = new Uint32Array(count * this.#pageLength);
      new Uint8Array(words.buffer).set(await this.#source.read(start, end - start, signal));
      for (let index = 0; index < count; index += 1) {
        this.#slotOf[first + index] = this.#slots.length;
        this.#slots.push(words.subarray(index * this.#pageLength, (index + 1) * this.#pageLength));
      }
    }
    this.#fixedCount = this.#slots.length;
    this.#hand = this.#fixedCount;
  }

  /** Reads a page into a slot that is free, or else into the first from the hand on that was not used since it passed. */
  #load(page: number): number {
    const slot = this.#slots.length < this.#slotCount ? this.#slots.length : this.#freed();
    const words = this.#slots[slot] ?? new Uint32Array(this.#pageLength);
    const start = 4 * page * this.#pageLength;
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    const { byteLength } = this.#source;
    this.#source.readSync(start, bytes.subarray(0, byteLength - start));
    bytes.fill(0, byteLength - start);
    // Only now: a read that fails must not leave a page that looks as if it were there.
    this.#slots[slot] = words;
    this.#slotOf[page] = slot;
    this.#pageOf[slot] = page;
    return slot;
  }

  #freed(): number {
    while (this.#wasUsed[this.#hand] === 1) {
      this.#wasUsed[this.#hand] = 0;
      this.#pass();
    }
    const slot = this.#hand;
    this.#slotOf[this.#pageOf[slot] ?? 0] = NO_SLOT;
    this.#pass();
    return slot;
  }

  #pass(): void {
    this.#hand = this.#hand + 1 < this.#slotCount ? this.#hand + 1 : this.#fixedCount;
  }
}
