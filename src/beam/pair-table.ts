/** A map from pairs of whole numbers to whole numbers: open addressing, without objects. */

/** Numbers of an entry: the pair, and its value plus 1, so that 0 marks an entry that is free. */
const STRIDE = 3;

export class PairTable {
  #entries = new Int32Array(STRIDE * 1024);
  #count = 0;

  /** -1 where there is none. */
  get(first: number, second: number): number {
    return (this.#entries[this.#placeOf(this.#entries, first, second) + 2] ?? 0) - 1;
  }

  /** A pair that is not there yet. */
  add(first: number, second: number, value: number): void {
    this.#count += 1;
    if (2 * STRIDE * this.#count > this.#entries.length) this.#grow();
    this.#put(this.#entries, first, second, value);
  }

  clear(): void {
    this.#entries = new Int32Array(STRIDE * 1024);
    this.#count = 0;
  }

  #put(entries: Int32Array, first: number, second: number, value: number): void {
    const place = this.#placeOf(entries, first, second);
    entries[place] = first;
    entries[place + 1] = second;
    entries[place + 2] = value + 1;
  }

  #placeOf(entries: Int32Array, first: number, second: number): number {
    const size = entries.length / STRIDE;
    let slot = hashOf(first, second) & (size - 1);
    for (;;) {
      const place = STRIDE * slot;
      if (entries[place + 2] === 0 || (entries[place] === first && entries[place + 1] === second))
        return place;
      slot = (slot + 1) & (size - 1);
    }
  }

  #grow(): void {
    const before = this.#entries;
    this.#entries = new Int32Array(2 * before.length);
    for (let place = 0; place < before.length; place += STRIDE) {
      const value = (before[place + 2] ?? 0) - 1;
      if (value >= 0) this.#put(this.#entries, before[place] ?? 0, before[place + 1] ?? 0, value);
    }
  }
}

/** For tables whose size is a power of two. */
export function hashOf(first: number, second: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
