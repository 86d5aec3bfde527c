/**
 * Band-limited resampling by a windowed sinc. It gives the numbers of `torchaudio.functional.resample` with its defaults
 * (`torchaudio/functional/functional.py`): filter width 6, roll-off 0.99, Hann window.
 */
import { isView } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';

const FILTER_WIDTH = 6;
const ROLLOFF = 0.99;

/** A higher rate comes from a broken header and would need an enormous filter. */
export const MAX_SAMPLE_RATE = 768_000;
/** A lower rate comes from a damaged file, whose resampled samples would fill the memory. */
export const MIN_SAMPLE_RATE = 1000;
/** The most samples of a result: 2 GiB. */
const MAX_OUTPUT_LENGTH = 2 ** 29;

/** The filter of one rate pair: one row of taps per output phase. */
export interface Filter {
  /** Input samples per period: the rates divided by their greatest common divisor. */
  readonly originalStep: number;
  /** Output samples per period. */
  readonly newStep: number;
  readonly tapCount: number;
  /** The first input sample of each phase, relative to the start of the period. */
  readonly firstInputs: Int32Array;
  /** `newStep` rows of `tapCount` taps. */
  readonly taps: Float64Array;
}

/** Kept filters between common rates, at most 70 KB each. Filters for other rates may take 80 MB and are not kept. */
const filters = new Map<string, Filter>();
const USUAL_RATES = new Set([
  8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000,
]);

/**
 * Resamples one channel. Returns `ceil(samples.length * toRate / fromRate)` samples. Equal rates give the
 * same array.
 *
 * @param fromRate @param toRate in Hz, whole numbers from 1000 to 768,000.
 * @throws UniSpeechError `bad-option` for other rates, `bad-input` for samples of another type, `bad-audio` for too many.
 */
export function resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array {
  if (!isView(samples, 'Float32Array')) {
    throw new UniSpeechError('bad-input', `resample got ${describeValue(samples)}, expected a Float32Array.`);
  }
  checkRate(fromRate, 1);
  checkRate(toRate, 1);
  if (fromRate === toRate) return samples;

  const outputLength = Math.ceil((samples.length * toRate) / fromRate);
  if (outputLength > MAX_OUTPUT_LENGTH) {
    throw new UniSpeechError(
      'bad-audio',
      `Resampling ${samples.length} samples from ${fromRate} Hz to ${toRate} Hz would give ${outputLength} samples, ` +
        `more than the ${MAX_OUTPUT_LENGTH} that one clip may have.`,
      'Check the sample rate, or cut the clip.',
    );
  }
  return applyFilter(filterFor(fromRate, toRate, outputLength), samples, outputLength);
}

/** Computes the first `outputLength` samples at the new rate. */
export function applyFilter(
  { originalStep, newStep, tapCount, firstInputs, taps }: Filter,
  samples: Float32Array,
  outputLength: number,
): Float32Array {
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

/** @param outputLength samples that the filter is needed for. An unusual filter gets no more phases than that. */
export function filterFor(fromRate: number, toRate: number, outputLength = Infinity): Filter {
  checkRate(fromRate);
  checkRate(toRate);
  const isUsual = USUAL_RATES.has(fromRate) && USUAL_RATES.has(toRate);
  if (!isUsual) return buildFilter(fromRate, toRate, outputLength);
  const key = `${fromRate}:${toRate}`;
  const filter = filters.get(key) ?? buildFilter(fromRate, toRate, Infinity);
  filters.set(key, filter);
  return filter;
}

/**
 * torchaudio's kernel spans a whole period for every phase, but its window is zero outside `FILTER_WIDTH` zero
 * crossings. Only the taps inside are kept (35 of 475 for 44.1 kHz to 16 kHz), so the cost does not depend on
 * the common divisor of the rates.
 */
function buildFilter(fromRate: number, toRate: number, outputLength: number): Filter {
  const divisor = greatestCommonDivisor(fromRate, toRate);
  const originalStep = fromRate / divisor;
  const newStep = toRate / divisor;
  const base = Math.min(originalStep, newStep) * ROLLOFF;
  const halfWidth = (FILTER_WIDTH * originalStep) / base;
  const tapCount = Math.floor(2 * halfWidth) + 1;
  const phaseCount = Math.min(newStep, outputLength);
  const firstInputs = new Int32Array(phaseCount);
  const taps = new Float64Array(phaseCount * tapCount);
  for (let phase = 0; phase < phaseCount; phase += 1) {
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

function checkRate(rate: number, lowest = MIN_SAMPLE_RATE): void {
  if (!Number.isInteger(rate) || rate < lowest || rate > MAX_SAMPLE_RATE) {
    throw new UniSpeechError(
      'bad-option',
      `A sample rate is a positive whole number of Hz from ${MIN_SAMPLE_RATE} to ${MAX_SAMPLE_RATE}, found ${describeValue(rate)}.`,
    );
  }
}
