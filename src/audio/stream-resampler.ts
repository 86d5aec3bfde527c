/** Resamples sound that comes in chunks. The result equals that of `resample` for the whole sound. */
import { applyFilter, type Filter, filterFor } from './resample.ts';

export class StreamResampler {
  /** Undefined if both rates are equal. */
  readonly #filter: Filter | undefined;
  /** The input that future outputs depend on. */
  #rest = new Float32Array(0);
  /** Input samples before `#rest`. */
  #restStart = 0;
  #givenCount = 0;

  /** @param fromRate @param toRate in Hz, as `resample` takes them. */
  constructor(fromRate: number, toRate: number) {
    this.#filter = fromRate === toRate ? undefined : filterFor(fromRate, toRate);
  }

  /** Returns the outputs that no further input can change. The chunk is not kept. */
  push(chunk: Float32Array): Float32Array {
    if (!this.#filter) return chunk.slice();
    const { originalStep, newStep, firstInputs } = this.#filter;
    const samples = new Float32Array(this.#rest.length + chunk.length);
    samples.set(this.#rest);
    samples.set(chunk, this.#rest.length);
    const end = this.#restStart + samples.length;
    /** Number of inputs on either side that an output depends on. */
    const reach = 1 - (firstInputs[0] ?? 0);
    const readyCount = Math.max(this.#givenCount, Math.floor(((end - reach) * newStep) / originalStep));
    const output = this.#outputs(this.#filter, samples, readyCount);
    const nextInput = Math.floor((readyCount * originalStep) / newStep) - reach;
    const usedCount = Math.min(Math.max(0, nextInput - this.#restStart), samples.length);
    this.#rest = samples.slice(usedCount);
    this.#restStart += usedCount;
    return output;
  }

  /** Returns the last outputs, as if silence followed. */
  flush(): Float32Array {
    const rest = this.#rest;
    this.#rest = new Float32Array(0);
    if (!this.#filter) return rest;
    const { originalStep, newStep } = this.#filter;
    return this.#outputs(
      this.#filter,
      rest,
      Math.ceil(((this.#restStart + rest.length) * newStep) / originalStep),
    );
  }

  /** Those up to `end` that were not given yet. */
  #outputs(filter: Filter, samples: Float32Array, end: number): Float32Array {
    const output = new Float32Array(end - this.#givenCount);
    applyFilter(filter, { samples, start: this.#restStart }, output, this.#givenCount);
    this.#givenCount = end;
    return output;
  }
}
