/** A log-mel spectrogram for looking at: a small FFT, mel bands, decibels scaled to [0, 1]. Pure. */

/** Samples of a window, 32 ms at 16 kHz; a power of two. */
const WINDOW = 512;
const BAND_COUNT = 80;
const LOWEST_HZ = 50;
const HANN = Float64Array.from(
  { length: WINDOW },
  (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW),
);
/** From the loudest value down to what is drawn as silence. */
const RANGE_DECIBELS = 70;
/** Columns beyond which they are spaced more widely: canvases have a largest width. */
const MAX_COLUMNS = 16_000;

export interface Spectrogram {
  /** `[bandCount, columnCount]`, row-major, highest band first; 0 silent to 1 loudest. */
  readonly values: Float32Array;
  readonly bandCount: number;
  readonly columnCount: number;
  /** Column c is centred on `c · secondsPerColumn`. */
  readonly secondsPerColumn: number;
}

const toMel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
const fromMel = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

/** Where a frequency lies: 0 at the bottom of the picture, 1 at its top. */
export const melPosition = (hertz: number, sampleRate: number): number =>
  (toMel(hertz) - toMel(LOWEST_HZ)) / (toMel(sampleRate / 2) - toMel(LOWEST_HZ));

/**
 * The spectrogram of mono samples, ten milliseconds a column for up to 160 s, wider beyond.
 * @param breathe awaited between parts of the work, so that a page stays responsive.
 */
export async function computeSpectrogram(
  samples: Float32Array,
  sampleRate: number,
  breathe: () => Promise<void>,
): Promise<Spectrogram> {
  const hop = Math.max(Math.round(sampleRate / 100), Math.ceil(samples.length / MAX_COLUMNS));
  const columnCount = Math.max(1, Math.ceil(samples.length / hop));
  const bands = melBands(sampleRate);
  const values = new Float32Array(BAND_COUNT * columnCount);
  const real = new Float64Array(WINDOW);
  const imaginary = new Float64Array(WINDOW);
  const power = new Float64Array(WINDOW / 2 + 1);
  for (let column = 0; column < columnCount; column++) {
    if (column % 1000 === 999) await breathe();
    const first = column * hop - WINDOW / 2;
    for (let index = 0; index < WINDOW; index++) {
      real[index] = (HANN[index] ?? 0) * (samples[first + index] ?? 0);
    }
    imaginary.fill(0);
    fft(real, imaginary);
    for (let bin = 0; bin < power.length; bin++)
      power[bin] = (real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2;
    for (const [band, { firstBin, weights }] of bands.entries()) {
      let sum = 0;
      for (const [offset, weight] of weights.entries()) sum += weight * (power[firstBin + offset] ?? 0);
      values[(BAND_COUNT - 1 - band) * columnCount + column] = 10 * Math.log10(Math.max(sum, 1e-12));
    }
  }
  scaleToRange(values);
  return { values, bandCount: BAND_COUNT, columnCount, secondsPerColumn: hop / sampleRate };
}

/** Decibels to [0, 1], in place: 1 for the loudest. */
function scaleToRange(values: Float32Array): void {
  const loudest = values.reduce((most, value) => Math.max(most, value), -120);
  // Silence stays silent: faint noise must not be drawn as if it were loud.
  const top = Math.max(loudest, -20);
  for (let index = 0; index < values.length; index++)
    values[index] = Math.min(1, Math.max(0, ((values[index] ?? 0) - top) / RANGE_DECIBELS + 1));
}

interface Band {
  readonly firstBin: number;
  readonly weights: readonly number[];
}

/** Triangles of equal width in mel; at low frequencies, where they are narrower than a bin, the nearest bin. */
function melBands(sampleRate: number): Band[] {
  const lowest = toMel(LOWEST_HZ);
  const step = (toMel(sampleRate / 2) - lowest) / (BAND_COUNT + 1);
  const binOf = (mel: number): number => (fromMel(mel) * WINDOW) / sampleRate;
  return Array.from({ length: BAND_COUNT }, (_, band) => {
    const left = binOf(lowest + band * step);
    const centre = binOf(lowest + (band + 1) * step);
    const right = binOf(lowest + (band + 2) * step);
    const firstBin = Math.ceil(left);
    const weights: number[] = [];
    for (let bin = firstBin; bin < right && bin <= WINDOW / 2; bin++)
      weights.push(bin < centre ? (bin - left) / (centre - left) : (right - bin) / (right - centre));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total === 0) return { firstBin: Math.round(centre), weights: [1] };
    return { firstBin, weights: weights.map((weight) => weight / total) };
  });
}

/** In-place radix-2 FFT. @param real and `imaginary`: equal lengths, a power of two. */
export function fft(real: Float64Array, imaginary: Float64Array): void {
  const count = real.length;
  const swap = (values: Float64Array, a: number, b: number): void => {
    const kept = values[a] ?? 0;
    values[a] = values[b] ?? 0;
    values[b] = kept;
  };
  for (let index = 1, reversed = 0; index < count; index++) {
    let bit = count >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (index >= reversed) continue;
    swap(real, index, reversed);
    swap(imaginary, index, reversed);
  }
  for (let size = 2; size <= count; size *= 2) {
    const half = size / 2;
    for (let offset = 0; offset < half; offset++) {
      const angle = (-2 * Math.PI * offset) / size;
      const cosine = Math.cos(angle);
      const sine = Math.sin(angle);
      for (let low = offset; low < count; low += size) {
        const high = low + half;
        const realHigh = real[high] ?? 0;
        const imaginaryHigh = imaginary[high] ?? 0;
        const productReal = realHigh * cosine - imaginaryHigh * sine;
        const productImaginary = realHigh * sine + imaginaryHigh * cosine;
        real[high] = (real[low] ?? 0) - productReal;
        imaginary[high] = (imaginary[low] ?? 0) - productImaginary;
        real[low] = (real[low] ?? 0) + productReal;
        imaginary[low] = (imaginary[low] ?? 0) + productImaginary;
      }
    }
  }
}
