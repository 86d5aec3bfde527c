/** The numbers of a language model, wherever they lie: in memory, or in a file of which pages are read when they are needed. */

export interface ModelWords {
  /** The number of 32 bits at a place, counted in such numbers; little-endian, unsigned, 0 behind the end. */
  at(place: number): number;
}

/** Numbers that are all in memory: in arrays of one length, but for the last, as one array may be larger than a browser gives. */
export class WordsInMemory implements ModelWords {
  readonly #arrays: readonly Uint32Array[];
  readonly #length: number;
  readonly #share: number;

  /** @param length of the arrays: a power of two where there are several. */
  constructor(arrays: readonly Uint32Array[], length: number) {
    this.#arrays = arrays;
    this.#length = length;
    this.#share = 1 / length;
  }

  at(place: number): number {
    const index = (place * this.#share) | 0;
    return this.#arrays[index]?.[place - index * this.#length] ?? 0;
  }
}

/** The float32 that has some bits. */
export class FloatOfBits {
  readonly #bits = new Uint32Array(1);
  readonly #float = new Float32Array(this.#bits.buffer);

  read(bits: number): number {
    this.#bits[0] = bits;
    return this.#float[0] ?? 0;
  }
}
