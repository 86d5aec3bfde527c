/**
 * One file over HTTP, read block by block from its start. Each block is taken from the cache or stored there, and the
 * whole file is compared with the server's digest. Without a cache only that comparison is made.
 */
import type { ByteSource } from '../base/files.ts';
import { inTurns } from '../base/turns.ts';
import { BLOCK_BYTE_LENGTH, type FileCache, type FileRecord } from './file-cache.ts';
import { type FileCheck, mismatchOf } from './file-check.ts';

/** Where blocks are stored: the browser's storage, or a file. */
export type BlockStore = Pick<
  FileCache,
  'isOpen' | 'readBlock' | 'putRecord' | 'putBlock' | 'remove' | 'warn'
>;

/** A jump to the end and back costs two requests; so many blocks are rather read in their order. */
const MIN_BLOCKS_AHEAD = 4;

export class BlockSource implements ByteSource {
  readonly name: string;
  readonly byteLength: number;
  /** Where what is stored is a file. */
  stored?: NonNullable<ByteSource['stored']>;
  readonly #source: ByteSource;
  readonly #file: FileRecord;
  readonly #cache: BlockStore | undefined;
  readonly #isKnown: boolean;
  readonly #inTurns = inTurns();
  readonly #memory: ArrayBuffer;
  /** The block that was read last, and its number. */
  #block = new Uint8Array();
  #index = -1;
  /** The first block that was not read yet; all of them count as read in a file that is kept as a whole. */
  #next: number;
  readonly #blockCount: number;
  readonly #check: FileCheck | undefined;
  #isComplete: boolean;
  #hasRecord: boolean;
  #hasWarned = false;
  #writing = Promise.resolve();

  /**
   * @param source the same file without a cache.
   * @param isKnown whether the cache holds a record of this file, and perhaps blocks.
   * @param check not used for a file that was complete before.
   */
  constructor(
    source: ByteSource,
    file: FileRecord,
    cache: BlockStore | undefined,
    isKnown: boolean,
    check: FileCheck | undefined,
  ) {
    this.#source = source;
    this.#file = file;
    this.#cache = cache;
    this.#isKnown = isKnown;
    this.name = source.name;
    this.byteLength = source.byteLength;
    this.#memory = new ArrayBuffer(Math.min(BLOCK_BYTE_LENGTH, this.byteLength));
    this.#blockCount = Math.ceil(this.byteLength / BLOCK_BYTE_LENGTH);
    this.#next = file.complete ? this.#blockCount : 0;
    this.#isComplete = file.complete;
    this.#hasRecord = isKnown;
    this.#check = file.complete ? undefined : check;
  }

  /** Reads wait for one another: they share the memory of a block. */
  read(
    byteOffset: number,
    byteLength: number,
    signal?: AbortSignal,
    into = new ArrayBuffer(byteLength),
  ): Promise<Uint8Array> {
    // What lies outside the file, the source refuses in its own words.
    if (byteOffset + byteLength > this.byteLength) return this.#source.read(byteOffset, byteLength, signal);
    return this.#inTurns(async () => {
      const target = new Uint8Array(into, 0, byteLength);
      for (let filled = 0; filled < byteLength;) {
        const offset = byteOffset + filled;
        const index = Math.floor(offset / BLOCK_BYTE_LENGTH);
        // The directory of a zip file lies at its end, and is read before all else.
        const isEnd = index >= Math.max(this.#blockCount - 2, this.#next + MIN_BLOCKS_AHEAD);
        const isAhead = isEnd && this.#source.isSequential !== true;
        while (this.#next < index && this.#readsAll && !isAhead) await this.#readBlock(this.#next, signal);
        if (index !== this.#index) await this.#readBlock(index, signal);
        signal?.throwIfAborted();
        const start = offset - index * BLOCK_BYTE_LENGTH;
        const piece = this.#block.subarray(start, start + byteLength - filled);
        target.set(piece, filled);
        filled += piece.byteLength;
      }
      return target;
    });
  }

  finish(signal?: AbortSignal, onRead?: (byteLength: number) => void): Promise<void> {
    return this.#inTurns(async () => {
      while (this.#next < this.#blockCount && this.#readsAll) {
        await this.#readBlock(this.#next, signal);
        onRead?.(this.#block.byteLength);
      }
      if (this.#next === this.#blockCount) await this.#complete();
    });
  }

  async close(): Promise<void> {
    await this.#source.close();
    await this.#writing;
  }

  /** Whether blocks that nobody asks for are read too. */
  get #readsAll(): boolean {
    return this.#check !== undefined || this.#cache?.isOpen === true;
  }

  async #readBlock(index: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.#index = -1;
    const byteOffset = index * BLOCK_BYTE_LENGTH;
    const byteLength = Math.min(BLOCK_BYTE_LENGTH, this.byteLength - byteOffset);
    const mayBeKept = this.#isKnown || index < this.#next;
    this.#block = new Uint8Array(this.#memory, 0, byteLength);
    const kept =
      (mayBeKept ? await this.#cache?.readBlock(this.#file, index, this.#block) : undefined) ?? 'missing';
    signal?.throwIfAborted();
    if (kept !== 'good') {
      await this.#source.read(byteOffset, byteLength, signal, this.#memory);
      await this.#keepBlock(index);
    }
    const isDamaged = kept === 'corrupt' || (kept === 'missing' && this.#file.complete);
    if (isDamaged && this.#cache?.isOpen && !this.#hasWarned) {
      this.#hasWarned = true;
      this.#cache.warn(
        'cache-corrupt',
        `What the browser kept of ${this.name} was damaged: that part was fetched again.`,
      );
    }
    this.#index = index;
    if (index !== this.#next) return;
    this.#check?.digest.update(this.#block);
    this.#next++;
  }

  async #keepBlock(index: number): Promise<void> {
    const cache = this.#cache;
    if (!cache?.isOpen) return;
    await this.#writing;
    if (!this.#hasRecord) await cache.putRecord(this.#file);
    this.#hasRecord = true;
    // Written while the next block comes in.
    this.#writing = cache.putBlock(this.#file, index, this.#block);
  }

  async #complete(): Promise<void> {
    if (this.#isComplete) return;
    this.#isComplete = true;
    await this.#writing;
    const mismatch = this.#check && mismatchOf(this.name, this.#check);
    if (mismatch) {
      await this.#cache?.remove(this.#file.url);
      throw mismatch;
    }
    await this.#cache?.putRecord({ ...this.#file, complete: true });
  }
}
