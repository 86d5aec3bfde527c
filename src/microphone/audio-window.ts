/** The newest part of a stream of samples, in memory of fixed size. Positions count samples since the stream began. */

export class AudioWindow {
  readonly #samples: Float32Array;
  #start = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#samples = new Float32Array(capacity);
  }

  get start(): number {
    return this.#start;
  }

  /** One past the last sample. */
  get end(): number {
    return this.#start + this.#length;
  }

  get isFull(): boolean {
    return this.#length === this.#samples.length;
  }

  /** Copies as many samples as there is room for. @returns how many. */
  append(samples: Float32Array): number {
    const taken = samples.subarray(0, this.#samples.length - this.#length);
    this.#samples.set(taken, this.#length);
    this.#length += taken.length;
    return taken.length;
  }

  /** Drops the samples before `position`. */
  cut(position: number): void {
    const count = Math.min(Math.max(0, position - this.#start), this.#length);
    this.#samples.copyWithin(0, count, this.#length);
    this.#start += count;
    this.#length -= count;
  }

  /** The samples from `position` (or the start) to the end; valid until the window changes. */
  view(position = this.#start): Float32Array {
    return this.#samples.subarray(Math.max(0, position - this.#start), this.#length);
  }
}
