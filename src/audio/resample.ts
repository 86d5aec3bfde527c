/**
 * Band-limited resampling by a windowed sinc, with the numbers of `torchaudio.functional.resample`'s defaults
 * (`torchaudio/functional/functional.py`): filter width 6, roll-off 0.99, Hann window.
 */
import { UniSpeechError } from '../base/errors.ts';
import { LruMap } from '../base/lru-map.ts';

const FILTER_WIDTH = 6;
const ROLLOFF = 0.99;

/** Above this, a rate comes from a broken header and would only make an enormous filter. */
export const MAX_SAMPLE_RATE = 768_000;
/** Files of lower rates are damaged: resampled, they would fill the memory. */
export const MIN_SAMPLE_RATE = 1000;
/** 2 GiB of samples. */
const MAX_OUTPUT_LENGTH = 2 ** 29;

/** The filter of one rate pair: one row of taps for each of the `newStep` output phases. */
interface Filter {
  /** Input samples per period: the rates divided by their greatest common divisor. */
  readonly originalStep: number;
  /** Output samples per period. */
  readonly newStep: number;
  readonly tapCount: number;
  /** The first input sample of each phase, relative to the start of the period. */
  readonly firstInputs: Int32Array;
  /** `newStep` rows of `tapCount`. */
  readonly taps: Float64Array;
}

const filters = new LruMap<string, Filter>(4);

/**
 * Resamples one channel. `ceil(samples.length * toRate / fromRate)` samples come back; equal rates give the
 * same array.
 *
 * @param fromRate @param toRate in Hz, positive integers.
 * @throws UniSpeechError `bad-option` for other rates.
 */
export function resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array {
  checkRate(fromRate);
  checkRate(toRate);
  if (fromRate === toRate) return samples;

  const { originalStep, newStep, tapCount, firstInputs, taps } = filterFor(fromRate, toRate);
  const outputLength = Math.ceil((samples.length * newStep) / originalStep);
  if (outputLength > MAX_OUTPUT_LENGTH) {
    throw new UniSpeechError(
      'bad-audio',
      `Resampling ${samples.length} samples from ${fromRate} Hz to ${toRate} Hz would give ${outputLength} samples, ` +
        `more than the ${MAX_OUTPUT_LENGTH} that one clip may have.`,
      'Check the sample rate, or cut the clip.',
    );
  }
  const output = new Float32Array(outputLength);
  for (let index = 0, phase = 0, periodStart = 0; index < outputLength; index += 1) {
    const firstInput = periodStart + (firstInputs[phase] ?? 0);
    const tapsStart = phase * tapCount;
    // The signal is zero outside its samples.
    const tapsEnd = Math.min(tapCount, samples.length - firstInput);
    let sum = 0;
    for (let tap = Math.max(0, -firstInput); tap < tapsEnd; tap += 1) {
      sum += (samples[firstInput + tap] ?? 0) * (taps[tapsStart + tap] ?? 0);
    }
    output[index] = sum;
    phase += 1;
    if (phase === newStep) {
      phase = 0;
      periodStart += originalStep;
    }
  }
  return output;
}

/** Shared with `StreamResampler`. */
export const filterFor = (fromRate: number, toRate: number): Filter =>
  filters.getOrMake(`${fromRate}:${toRate}`, () => buildFilter(fromRate, toRate));

/**
 * torchaudio's kernel spans a whole period for every phase, but its window is zero outside `FILTER_WIDTH` zero
 * crossings: only the taps inside are kept (35 of 475 for 44.1 kHz to 16 kHz), so the cost does not depend on
 * how the rates divide.
 */
function buildFilter(fromRate: number, toRate: number): Filter {
  const divisor = greatestCommonDivisor(fromRate, toRate);
  const originalStep = fromRate / divisor;
  const newStep = toRate / divisor;
  const base = Math.min(originalStep, newStep) * ROLLOFF;
  const halfWidth = (FILTER_WIDTH * originalStep) / base;
  const tapCount = Math.floor(2 * halfWidth) + 1;
  const firstInputs = new Int32Array(newStep);
  const taps = new Float64Array(newStep * tapCount);
  for (let phase = 0; phase < newStep; phase += 1) {
    const firstInput = Math.ceil((phase * originalStep) / newStep - halfWidth);
    firstInputs[phase] = firstInput;
    for (let tap = 0; tap < tapCount; tap += 1) {
      const time = ((firstInput + tap) / originalStep - phase / newStep) * base;
      taps[phase * tapCount + tap] = (base / originalStep) * windowedSinc(time);
    }
  }
  return { originalStep, newStep, tapCount, firstInputs, taps };
}

/** sin(pi t)/(pi t) under a Hann window that ends at ±`FILTER_WIDTH`. */
function windowedSinc(time: number): number {
  if (Math.abs(time) >= FILTER_WIDTH) return 0;
  const window = Math.cos((Math.PI * time) / (2 * FILTER_WIDTH)) ** 2;
  return time === 0 ? window : (window * Math.sin(Math.PI * time)) / (Math.PI * time);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function checkRate(rate: number): void {
  if (!Number.isInteger(rate) || rate <= 0 || rate > MAX_SAMPLE_RATE) {
    throw new UniSpeechError(
      'bad-option',
      `A sample rate is a positive whole number of Hz up to ${MAX_SAMPLE_RATE}, found ${rate}.`,
    );
  }
}
