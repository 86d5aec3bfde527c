/** A set of words that tells which begin with some letters. A million words take a sorted array of their letters, and no tree of objects. */

/** Words that follow each other in the index: those that begin with the same letters. */
export interface PrefixRange {
  readonly first: number;
  readonly end: number;
}

export class PrefixIndex {
  readonly #units: Uint16Array;
  /** Where each word begins, and behind the last one. */
  readonly #starts: Uint32Array;
  readonly all: PrefixRange;

  /** @param words in any order; those that come twice count once. */
  constructor(words: Iterable<string>) {
    const list = sorted([...words]);
    let unitCount = 0;
    for (const word of list) unitCount += word.length;
    this.#units = new Uint16Array(unitCount);
    this.#starts = new Uint32Array(list.length + 1);
    let place = 0;
    for (const [index, word] of list.entries()) {
      for (let unit = 0; unit < word.length; unit += 1) this.#units[place + unit] = word.charCodeAt(unit);
      place += word.length;
      this.#starts[index + 1] = place;
    }
    this.all = { first: 0, end: list.length };
  }

  get size(): number {
    return this.all.end;
  }

  /**
   * Of words that have `depth` UTF-16 units in common those that go on with others.
   * @param more the next units.
   */
  narrow({ first, end }: PrefixRange, depth: number, more: string): PrefixRange {
    let from = first;
    let to = end;
    for (let index = 0; index < more.length && from < to; index += 1) {
      const unit = more.charCodeAt(index);
      const start = from;
      from = this.#firstFrom(start, to, depth + index, unit);
      to = this.#firstFrom(from, to, depth + index, unit + 1);
    }
    return { first: from, end: to };
  }

  /** Whether one of the words of a range, which have `depth` units in common, has no more of them. */
  hasWord({ first, end }: PrefixRange, depth: number): boolean {
    return first < end && this.#lengthOf(first) === depth;
  }

  /** Of the words of a range that is not empty. */
  shortestLength({ first, end }: PrefixRange): number {
    let shortest = Infinity;
    for (let word = first; word < end; word += 1) {
      const start = this.#starts[word] ?? 0;
      const units = this.#units.subarray(start, this.#starts[word + 1]);
      let length = 0;
      // The second half of a pair is no code point of its own.
      for (const unit of units) if (unit < 0xdc00 || unit > 0xdfff) length += 1;
      shortest = Math.min(shortest, length);
    }
    return shortest;
  }

  #lengthOf(word: number): number {
    return (this.#starts[word + 1] ?? 0) - (this.#starts[word] ?? 0);
  }

  /** The first word of the range whose unit at this depth is not lower; a word that ends before has the lowest. */
  #firstFrom(first: number, end: number, depth: number, unit: number): number {
    let from = first;
    let to = end;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const found =
        depth < this.#lengthOf(middle) ? (this.#units[(this.#starts[middle] ?? 0) + depth] ?? 0) : -1;
      if (found < unit) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** In the order of UTF-16 units, without repeats. Lists from files are mostly sorted. */
function sorted(words: readonly string[]): readonly string[] {
  const isSorted = words.every((word, index) => index === 0 || (words[index - 1] ?? '') < word);
  return isSorted ? words : [...new Set(words)].sort();
}
