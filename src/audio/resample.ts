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

/** As many as `applyToPeriods` spells out. */
const PERIODS_AT_ONCE = 8;

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
  const output = new Float32Array(outputLength);
  applyFilter(filterFor(fromRate, toRate, outputLength), { samples, start: 0 }, output, 0);
  return output;
}

/** Samples of a sound from `start` on. The sound is zero outside them. */
interface Excerpt {
  readonly samples: Float32Array;
  readonly start: number;
}

/** Computes the outputs of the sound from `firstOutput` on. */
export function applyFilter(
  filter: Filter,
  excerpt: Excerpt,
  output: Float32Array,
  firstOutput: number,
): void {
  const { originalStep, newStep } = filter;
  let phase = firstOutput % newStep;
  let origin = ((firstOutput - phase) / newStep) * originalStep - excerpt.start;
  for (let index = 0; index < output.length;) {
    if (applyToPeriods(filter, excerpt.samples, origin, phase, output, index)) {
      index += PERIODS_AT_ONCE * newStep;
      origin += PERIODS_AT_ONCE * originalStep;
      continue;
    }
    output[index] = applyRow(filter, excerpt.samples, origin, phase);
    index += 1;
    phase += 1;
    if (phase === newStep) {
      phase = 0;
      origin += originalStep;
    }
  }
}

/** One output, which may be at an edge of the sound. @param origin start of its period in `samples`. */
function applyRow(
  { tapCount, firstInputs, taps }: Filter,
  samples: Float32Array,
  origin: number,
  phase: number,
): number {
  const firstInput = origin + (firstInputs[phase] ?? 0);
  const row = phase * tapCount;
  const tapsEnd = Math.min(tapCount, samples.length - firstInput);
  let sum = 0;
  for (let tap = Math.max(0, -firstInput); tap < tapsEnd; tap += 1)
    sum += (samples[firstInput + tap] ?? 0) * (taps[row + tap] ?? 0);
  return sum;
}

/**
 * The outputs of whole periods within the sound, of which the same ones share a row of taps. Eight sums that the processor forms side by
 * side take half the time of one after the other, and each has the bits that `applyRow` would give it.
 * @returns false, and does nothing, if there are not as many.
 */
function applyToPeriods(
  { originalStep, newStep, tapCount, firstInputs, taps }: Filter,
  samples: Float32Array,
  origin: number,
  firstPhase: number,
  output: Float32Array,
  start: number,
): boolean {
  if (start + PERIODS_AT_ONCE * newStep > output.length) return false;
  if (origin + (firstInputs[firstPhase] ?? 0) < 0) return false;
  // The last row of a period that begins in the middle belongs to the next one.
  if (origin + (PERIODS_AT_ONCE + 1) * originalStep + tapCount > samples.length) return false;
  const s = originalStep;
  const n = newStep;
  for (let index = 0; index < n; index += 1) {
    const isNext = firstPhase + index >= n;
    const phase = isNext ? firstPhase + index - n : firstPhase + index;
    const firstInput = origin + (isNext ? s : 0) + (firstInputs[phase] ?? 0);
    const row = phase * tapCount;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    let sum4 = 0;
    let sum5 = 0;
    let sum6 = 0;
    let sum7 = 0;
    for (let tap = 0; tap < tapCount; tap += 1) {
      const weight = taps[row + tap] ?? 0;
      const input = firstInput + tap;
      sum0 += (samples[input] ?? 0) * weight;
      sum1 += (samples[input + s] ?? 0) * weight;
      sum2 += (samples[input + 2 * s] ?? 0) * weight;
      sum3 += (samples[input + 3 * s] ?? 0) * weight;
      sum4 += (samples[input + 4 * s] ?? 0) * weight;
      sum5 += (samples[input + 5 * s] ?? 0) * weight;
      sum6 += (samples[input + 6 * s] ?? 0) * weight;
      sum7 += (samples[input + 7 * s] ?? 0) * weight;
    }
    const place = start + index;
    output[place] = sum0;
    output[place + n] = sum1;
    output[place + 2 * n] = sum2;
    output[place + 3 * n] = sum3;
    output[place + 4 * n] = sum4;
    output[place + 5 * n] = sum5;
    output[place + 6 * n] = sum6;
    output[place + 7 * n] = sum7;
  }
  return true;
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

export function greatestCommonDivisor(a: number, b: number): number {
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
