/** Models whose n-grams lie in packed sorted arrays: KenLM's `trie` files, plain or quantised, with or without compressed pointers. */
import { Hash64, WordHasher } from './hash64.ts';
import { FloatOfBits, type ModelWords } from './model-words.ts';
import { type NgramModel, UNKNOWN_WORD } from './ngram-model.ts';
import type { TrieArray, TrieLayout } from './trie-layout.ts';

export class TrieModel implements NgramModel {
  readonly order: number;
  readonly wordCount: number;
  readonly #memory: ModelWords;
  readonly #layout: TrieLayout;
  readonly #hasher = new WordHasher();
  readonly #hash = new Hash64();
  readonly #floats = new FloatOfBits();
  /** The children of the n-gram that was found last. */
  #first = 0;
  #end = 0;

  /** @param memory the file, at least up to the end of its n-grams. */
  constructor(memory: ModelWords, layout: TrieLayout) {
    this.#memory = memory;
    this.#layout = layout;
    this.order = layout.arrays.length + 1;
    this.wordCount = layout.wordCount + 1;
  }

  idOf(word: string): number {
    const { vocabularyByte, wordCount } = this.#layout;
    const hash = this.#hash;
    this.#hasher.hash(word, hash);
    let from = 0;
    let to = wordCount;
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      const place = vocabularyByte / 4 + 2 * middle;
      const high = this.#memory.at(place + 1);
      const low = this.#memory.at(place);
      if (high === hash.high && low === hash.low) return middle + 1;
      if (high < hash.high || (high === hash.high && low < hash.low)) from = middle + 1;
      else to = middle;
    }
    return UNKNOWN_WORD;
  }

  score(word: number, context: readonly number[]): number {
    const { arrays } = this.#layout;
    let result = this.#unigram(word, 0);
    let matched = 1;
    for (let length = 0; length < context.length; length += 1) {
      const array = arrays[length];
      const entry = array ? this.#find(array, context[length] ?? 0) : -1;
      if (!array || entry < 0) break;
      result = this.#probability(array, entry);
      matched = length + 2;
      this.#enter(array, entry);
    }
    for (let length = 1; length <= context.length; length += 1) {
      const backoff = this.#backoffOf(length, context[length - 1] ?? 0);
      if (backoff === undefined) break;
      if (length >= matched) result = Math.fround(result + backoff);
    }
    return result;
  }

  /** Of the context that has so many words, the oldest of them this one, once the shorter context was entered; undefined where there is none. */
  #backoffOf(length: number, oldest: number): number | undefined {
    if (length === 1) return this.#unigram(oldest, 1);
    const array = this.#layout.arrays[length - 2];
    const entry = array ? this.#find(array, oldest) : -1;
    if (!array || entry < 0) return undefined;
    this.#enter(array, entry);
    return this.#backoff(array, entry);
  }

  /** Probability (0) or back-off (1) of one word; its children are entered. */
  #unigram(word: number, value: 0 | 1): number {
    const place = this.#layout.unigramByte / 4 + 4 * word;
    this.#first = this.#whole(place + 2);
    this.#end = this.#whole(place + 6);
    return this.#float(place + value);
  }

  #whole(place: number): number {
    return this.#memory.at(place) + 2 ** 32 * this.#memory.at(place + 1);
  }

  /** The child with this word; -1 where there is none. */
  #find(array: TrieArray, word: number): number {
    let from = this.#first;
    let to = Math.min(this.#end, array.count);
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      const found = this.#read(array, middle, 0, array.wordBits);
      if (found === word) return middle;
      if (found < word) from = middle + 1;
      else to = middle;
    }
    return -1;
  }

  #enter(array: TrieArray, entry: number): void {
    if (array.nextBits === undefined) {
      this.#end = this.#first;
      return;
    }
    this.#first = this.#next(array, entry, array.nextBits);
    this.#end = this.#next(array, entry + 1, array.nextBits);
  }

  #next(array: TrieArray, entry: number, bitCount: number): number {
    const low = this.#read(array, entry, array.totalBits - bitCount, bitCount);
    const { pointers } = array;
    if (!pointers) return low;
    let from = 0;
    let to = pointers.count;
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if (this.#whole(pointers.byteOffset / 4 + 2 * middle) <= entry) from = middle + 1;
      else to = middle;
    }
    return low + (from - 1) * 2 ** bitCount;
  }

  #probability(array: TrieArray, entry: number): number {
    const { wordBits, quantized } = array;
    if (!quantized) return this.#floats.read(this.#read(array, entry, wordBits, 31) + 0x8000_0000);
    const { backoffBits, probabilityBits, probabilityByte } = quantized;
    const index = this.#read(array, entry, wordBits + backoffBits, probabilityBits);
    return this.#float(probabilityByte / 4 + index);
  }

  #backoff(array: TrieArray, entry: number): number {
    const { wordBits, quantized } = array;
    if (!quantized) return this.#floats.read(this.#read(array, entry, wordBits + 31, 32));
    const index = this.#read(array, entry, wordBits, quantized.backoffBits);
    return this.#float(quantized.backoffByte / 4 + index);
  }

  #float(place: number): number {
    return this.#floats.read(this.#memory.at(place));
  }

  /** Up to 53 bits of an entry. Bits count from the lowest of the first byte. */
  #read(array: TrieArray, entry: number, firstBit: number, bitCount: number): number {
    if (bitCount > 32)
      return (
        this.#read(array, entry, firstBit, 32) +
        2 ** 32 * this.#read(array, entry, firstBit + 32, bitCount - 32)
      );
    const bit = 8 * array.byteOffset + entry * array.totalBits + firstBit;
    const place = Math.floor(bit / 32);
    const shift = bit - 32 * place;
    let bits = this.#memory.at(place) >>> shift;
    if (shift + bitCount > 32) bits |= this.#memory.at(place + 1) << (32 - shift);
    return bitCount < 32 ? bits & ((1 << bitCount) - 1) : bits >>> 0;
  }
}
