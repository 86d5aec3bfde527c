/**
 * Reusable memory. The garbage collector hardly accounts for the size of array buffers, so a load that
 * allocates a new one for every slice would hold many times the memory it needs.
 */
export class BufferPool {
  readonly #free: ArrayBuffer[] = [];

  /** A buffer of at least `byteLength` bytes, with any content. The smallest that fits, or a new one. */
  take(byteLength: number): ArrayBuffer {
    let best = -1;
    for (const [index, { byteLength: size }] of this.#free.entries()) {
      if (size >= byteLength && size < (this.#free[best]?.byteLength ?? Infinity)) best = index;
    }
    const [buffer] = best === -1 ? [] : this.#free.splice(best, 1);
    if (buffer) return buffer;
    // The free ones are too small: the larger one takes the place of one of them.
    this.#free.pop();
    return new ArrayBuffer(byteLength);
  }

  give(buffer: ArrayBuffer): void {
    this.#free.push(buffer);
  }
}
