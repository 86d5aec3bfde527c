/** Resampling of sound that comes in chunks: the very samples that `resample` gives for all of it at once. */
import { applyFilter, type Filter, filterFor } from './resample.ts';

export class StreamResampler {
  /** Undefined where nothing is to be done. */
  readonly #filter: Filter | undefined;
  /** The input that outputs to come depend on, from the start of a period on. */
  #rest = new Float32Array(0);
  /** Outputs of `#rest` that were given out before. */
  #givenCount = 0;

  /** @param fromRate @param toRate in Hz, as `resample` takes them. */
  constructor(fromRate: number, toRate: number) {
    this.#filter = fromRate === toRate ? undefined : filterFor(fromRate, toRate);
  }

  /** The outputs that no further input can change. The chunk is not kept. */
  push(chunk: Float32Array): Float32Array {
    if (!this.#filter) return chunk.slice();
    const input = new Float32Array(this.#rest.length + chunk.length);
    input.set(this.#rest);
    input.set(chunk, this.#rest.length);
    const { originalStep, newStep, firstInputs } = this.#filter;
    /** Inputs on either side that an output depends on. */
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

  /** The last outputs, as if silence followed. */
  flush(): Float32Array {
    const rest = this.#rest;
    this.#rest = new Float32Array(0);
    if (!this.#filter) return rest;
    const outputLength = Math.ceil((rest.length * this.#filter.newStep) / this.#filter.originalStep);
    return applyFilter(this.#filter, rest, outputLength).slice(this.#givenCount);
  }
}
