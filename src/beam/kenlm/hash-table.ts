/** The tables of a probing model: open addressing in memory or in a file, with a hash of 64 bits at the start of every entry. */
import { type Hash64, modulo } from './hash64.ts';
import { type ModelWords, WordsInMemory } from './model-words.ts';

/** Entries of a few numbers of 32 bits: lower and upper half of the hash, then values. A hash of 0 marks an entry that is free. */
export interface HashTable {
  readonly memory: ModelWords;
  /** Where the table begins, in numbers of 32 bits. */
  readonly start: number;
  readonly bucketCount: number;
  /** Numbers of an entry. */
  readonly stride: 3 | 4;
}

/** Where the first value of an entry lies; -1 where there is none. Ends in a table that a damaged file has filled, too. */
export function findEntry({ memory, start, bucketCount, stride }: HashTable, hash: Hash64): number {
  const { low, high } = hash;
  let bucket = hash.modulo(bucketCount);
  for (let tries = 0; tries < bucketCount; tries += 1) {
    const place = start + bucket * stride;
    const foundLow = memory.at(place);
    if (foundLow === low || foundLow === 0) {
      const foundHigh = memory.at(place + 1);
      if (foundLow === 0 && foundHigh === 0) return -1;
      if (foundLow === low && foundHigh === high) return place + 2;
    }
    bucket = bucket + 1 === bucketCount ? 0 : bucket + 1;
  }
  return -1;
}

const LEAST_BUCKETS = 64;

/** A table that grows with what is put in, so that a file which claims billions of entries takes no memory for them. */
export class GrowingTable implements HashTable {
  readonly stride: 3 | 4;
  readonly start = 0;
  memory: ModelWords;
  bucketCount: number;
  count = 0;
  #words: Uint32Array;
  #floats: Float32Array;

  /** @param expected how many entries are likely. */
  constructor(stride: 3 | 4, expected: number) {
    this.stride = stride;
    this.bucketCount = Math.max(LEAST_BUCKETS, Math.ceil(1.5 * expected));
    this.#words = new Uint32Array(this.bucketCount * stride);
    this.#floats = new Float32Array(this.#words.buffer);
    this.memory = new WordsInMemory([this.#words], this.#words.length);
  }

  setWord(place: number, value: number): void {
    this.#words[place] = value;
  }

  setFloat(place: number, value: number): void {
    this.#floats[place] = value;
  }

  /** Where the values of a new entry lie; -1 where there is one with this hash, which stays as it is. */
  insert(hash: Hash64): number {
    if (4 * (this.count + 1) > 3 * this.bucketCount) this.#grow();
    const place = this.#place(hash.modulo(this.bucketCount), hash.low, hash.high);
    if (place >= 0) this.count += 1;
    return place;
  }

  #place(first: number, low: number, high: number): number {
    const words = this.#words;
    const { stride, bucketCount } = this;
    let bucket = first;
    for (;;) {
      const place = bucket * stride;
      const isLow = words[place] === low;
      // Without this, many equal entries in one file would take quadratic time.
      if (isLow && words[place + 1] === high) return -1;
      if (words[place] === 0 && words[place + 1] === 0) break;
      bucket = bucket + 1 === bucketCount ? 0 : bucket + 1;
    }
    words[bucket * stride] = low;
    words[bucket * stride + 1] = high;
    return bucket * stride + 2;
  }

  #grow(): void {
    const before = this.#words;
    const { stride, bucketCount } = this;
    this.bucketCount = 2 * bucketCount;
    this.#words = new Uint32Array(this.bucketCount * stride);
    this.#floats = new Float32Array(this.#words.buffer);
    this.memory = new WordsInMemory([this.#words], this.#words.length);
    for (let place = 0; place < before.length; place += stride) {
      const low = before[place] ?? 0;
      const high = before[place + 1] ?? 0;
      if (low === 0 && high === 0) continue;
      const first = modulo(high, low, this.bucketCount);
      this.#words.set(before.subarray(place + 2, place + stride), this.#place(first, low, high));
    }
  }
}
