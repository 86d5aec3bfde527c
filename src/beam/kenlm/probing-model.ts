/** Models whose n-grams lie in hash tables: KenLM's `probing` files, and ARPA texts once they are read. */
import { combineKey, Hash64, WordHasher } from './hash64.ts';
import { findEntry, type HashTable } from './hash-table.ts';
import { FloatOfBits, type ModelWords } from './model-words.ts';
import { type NgramModel, UNKNOWN_WORD } from './ngram-model.ts';

/** Two numbers of 32 bits for each id: log10 of the probability, back-off. */
export interface UnigramTable {
  readonly memory: ModelWords;
  /** Where it begins, in numbers of 32 bits. */
  readonly start: number;
  /** With `<unk>`. */
  readonly count: number;
}

export interface ProbingTables {
  /** One value: the id. */
  readonly vocabulary: HashTable;
  readonly unigrams: UnigramTable;
  /** Of two words, of three and so on. Two values, in the last one value: log10 of the probability, back-off. */
  readonly ngrams: readonly HashTable[];
}

export class ProbingModel implements NgramModel {
  readonly order: number;
  readonly wordCount: number;
  readonly #tables: ProbingTables;
  readonly #hasher = new WordHasher();
  // One look-up needs them at a time.
  readonly #key = new Hash64();
  readonly #scratch = new Hash64();
  readonly #floats = new FloatOfBits();

  constructor(tables: ProbingTables) {
    this.#tables = tables;
    this.order = tables.ngrams.length + 1;
    this.wordCount = tables.unigrams.count;
  }

  idOf(word: string): number {
    const { vocabulary } = this.#tables;
    this.#hasher.hash(word, this.#key);
    const place = findEntry(vocabulary, this.#key);
    const id = place < 0 ? UNKNOWN_WORD : vocabulary.memory.at(place);
    // Only in damaged files.
    return id < this.wordCount ? id : UNKNOWN_WORD;
  }

  score(word: number, context: readonly number[]): number {
    const { unigrams, ngrams } = this.#tables;
    const key = this.#key;
    let result = this.#probability(unigrams.memory, unigrams.start + 2 * word);
    let matched = 1;
    key.set(0, word);
    for (let length = 0; length < context.length; length += 1) {
      const table = ngrams[length];
      if (!table) break;
      combineKey(key, context[length] ?? 0, this.#scratch);
      const place = findEntry(table, key);
      if (place < 0) continue;
      result = this.#probability(table.memory, place);
      matched = length + 2;
    }
    key.set(0, context[0] ?? 0);
    for (let length = 1; length <= context.length; length += 1) {
      if (length > 1) combineKey(key, context[length - 1] ?? 0, this.#scratch);
      if (length >= matched) result = Math.fround(result + this.#backoff(length, key));
    }
    return result;
  }

  /** Of the newest words of a context; 0 for one that the model does not have. */
  #backoff(length: number, key: Hash64): number {
    const { unigrams, ngrams } = this.#tables;
    if (length === 1) return this.#floats.read(unigrams.memory.at(unigrams.start + 2 * key.low + 1));
    const table = ngrams[length - 2];
    const place = table ? findEntry(table, key) : -1;
    return table && place >= 0 ? this.#floats.read(table.memory.at(place + 1)) : 0;
  }

  /** The sign says something else in files: whether a longer n-gram may end so. */
  #probability(memory: ModelWords, place: number): number {
    return -Math.abs(this.#floats.read(memory.at(place)));
  }
}
