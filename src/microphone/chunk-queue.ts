/** A bounded queue between a source that cannot wait and a reader that may be slow. It counts what it drops. */

export class ChunkQueue implements AsyncIterableIterator<Float32Array> {
  readonly #sampleRate: number;
  readonly #maximumSeconds: number;
  readonly #chunks: Float32Array[] = [];
  #queuedSamples = 0;
  #droppedSamples = 0;
  #hasEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #onChange: () => void = () => undefined;

  constructor(sampleRate: number, maximumSeconds: number) {
    this.#sampleRate = sampleRate;
    this.#maximumSeconds = maximumSeconds;
  }

  get queuedSeconds(): number {
    return this.#queuedSamples / this.#sampleRate;
  }

  get droppedSeconds(): number {
    return this.#droppedSamples / this.#sampleRate;
  }

  /** Drops the oldest chunks when there are too many. */
  push(chunk: Float32Array): void {
    if (this.#hasEnded) return;
    this.#chunks.push(chunk);
    this.#queuedSamples += chunk.length;
    while (this.queuedSeconds > this.#maximumSeconds) this.#droppedSamples += this.#take()?.length ?? 0;
    this.#onChange();
  }

  /** Ends the queue. Queued chunks can still be read. */
  end(): void {
    this.#hasEnded = true;
    this.#onChange();
  }

  /** Like `end`, but reading fails after the queued chunks. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  async next(): Promise<IteratorResult<Float32Array, undefined>> {
    while (this.#chunks.length === 0 && !this.#hasEnded) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
    const value = this.#take();
    if (value) return { done: false, value };
    if (this.#failure) throw this.#failure.error;
    return { done: true, value: undefined };
  }

  /** Called when the reader stops reading. */
  return(): Promise<IteratorResult<Float32Array, undefined>> {
    this.#chunks.length = 0;
    this.#queuedSamples = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Float32Array | undefined {
    const chunk = this.#chunks.shift();
    this.#queuedSamples -= chunk?.length ?? 0;
    return chunk;
  }
}
