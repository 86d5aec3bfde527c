/** A map that drops the least recently used entry when it holds more than `capacity`. */
export class LruMap<K, V> {
  readonly #capacity: number;
  readonly #onEvict: ((value: V) => void) | undefined;
  readonly #entries = new Map<K, V>();

  constructor(capacity: number, onEvict?: (value: V) => void) {
    this.#capacity = capacity;
    this.#onEvict = onEvict;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    // Re-inserted, so that the map's order is the order of use.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  getOrMake(key: K, make: () => V): V {
    const found = this.get(key);
    if (found !== undefined) return found;
    const value = make();
    this.#entries.set(key, value);
    if (this.#entries.size > this.#capacity) {
      const [oldest] = this.#entries;
      if (oldest) {
        this.#entries.delete(oldest[0]);
        this.#onEvict?.(oldest[1]);
      }
    }
    return value;
  }

  clear(): void {
    for (const value of this.#entries.values()) this.#onEvict?.(value);
    this.#entries.clear();
  }
}
