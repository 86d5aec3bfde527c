/** The newest samples of a stream. Positions count from its beginning. */

export class HeardSamples {
  /** The blocks that are still needed, with where they begin. */
  readonly #blocks: { readonly start: number; readonly samples: Float32Array }[] = [];
  /** How many samples the stream had by now. */
  count = 0;

  /** Keeps the block, not a copy. */
  append(samples: Float32Array): void {
    this.#blocks.push({ start: this.count, samples });
    this.count += samples.length;
  }

  /** Lets go of what lies before a position. */
  dropBefore(position: number): void {
    const isOver = ({ start, samples }: { start: number; samples: Float32Array }): boolean =>
      start + samples.length <= position;
    const kept = this.#blocks.findIndex((block) => !isOver(block));
    this.#blocks.splice(0, kept < 0 ? this.#blocks.length : kept);
  }

  /** A view where one block has them all, else a copy. */
  slice(start: number, end: number): Float32Array {
    const parts = this.#blocks.filter(
      (block) => block.start < end && block.start + block.samples.length > start,
    );
    const [only] = parts;
    if (parts.length === 1 && only) return only.samples.subarray(start - only.start, end - only.start);
    const joined = new Float32Array(end - start);
    for (const part of parts) {
      const from = Math.max(0, start - part.start);
      joined.set(part.samples.subarray(from, end - part.start), part.start + from - start);
    }
    return joined;
  }
}
