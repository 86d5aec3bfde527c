/** Resamples sound that comes in chunks. The result equals that of `resample` for the whole sound. */
import { applyFilter, type Filter, filterFor } from './resample.ts';

export class StreamResampler {
  /** Undefined if both rates are equal. */
  readonly #filter: Filter | undefined;
  /** The input that future outputs depend on, beginning at the start of a period. */
  #rest = new Float32Array(0);
  /** Outputs of `#rest` that were returned before. */
  #givenCount = 0;

  /** @param fromRate @param toRate in Hz, as `resample` takes them. */
  constructor(fromRate: number, toRate: number) {
    this.#filter = fromRate === toRate ? undefined : filterFor(fromRate, toRate);
  }

  /** Returns the outputs that no further input can change. The chunk is not kept. */
  push(chunk: Float32Array): Float32Array {
    if (!this.#filter) return chunk.slice();
    const input = new Float32Array(this.#rest.length + chunk.length);
    input.set(this.#rest);
    input.set(chunk, this.#rest.length);
    const { originalStep, newStep, firstInputs } = this.#filter;
    /** Number of inputs on either side that an output depends on. */
    const reach = 1 - (firstInputs[0] ?? 0);
    const readyCount = Math.max(
      this.#givenCount,
      Math.floor(((input.length - reach) * newStep) / originalStep),
    );
    const output = applyFilter(this.#filter, input, readyCount).slice(this.#givenCount);
    const donePeriods = Math.max(0, Math.floor(readyCount / newStep - reach / originalStep));
    this.#rest = input.slice(donePeriods * originalStep);
    this.#givenCount = readyCount - donePeriods * newStep;
    return output;
  }

  /** Returns the last outputs, as if silence followed. */
  flush(): Float32Array {
    const rest = this.#rest;
    this.#rest = new Float32Array(0);
    if (!this.#filter) return rest;
    const outputLength = Math.ceil((rest.length * this.#filter.newStep) / this.#filter.originalStep);
    return applyFilter(this.#filter, rest, outputLength).slice(this.#givenCount);
  }
}
