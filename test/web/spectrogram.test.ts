/** The spectrogram of the Transcribe page: its FFT against the definition, and tones where they belong. */
import { expect, test } from 'vitest';
import { computeSpectrogram, fft, melPosition } from '../../examples/web/transcribe/spectrogram.ts';

const SAMPLE_RATE = 16_000;
const noBreath = () => Promise.resolve();
const tone = (hertz: number, seconds: number, level = 0.5): Float32Array =>
  Float32Array.from(
    { length: seconds * SAMPLE_RATE },
    (_, index) => level * Math.sin((2 * Math.PI * hertz * index) / SAMPLE_RATE),
  );

test('the FFT is the discrete Fourier transform', () => {
  const count = 32;
  const signal = Float64Array.from({ length: count }, (_, index) => Math.sin(index * index) + index / 7);
  const real = signal.slice();
  const imaginary = new Float64Array(count);
  fft(real, imaginary);
  for (let bin = 0; bin < count; bin++) {
    let [cosines, sines] = [0, 0];
    for (const [index, value] of signal.entries()) {
      cosines += value * Math.cos((-2 * Math.PI * bin * index) / count);
      sines += value * Math.sin((-2 * Math.PI * bin * index) / count);
    }
    expect(real[bin]).toBeCloseTo(cosines, 9);
    expect(imaginary[bin]).toBeCloseTo(sines, 9);
  }
});

test.each([150, 440, 1000, 3000, 7000])('a tone of %d Hz is brightest in its band', async (hertz) => {
  const { values, bandCount, columnCount, secondsPerColumn } = await computeSpectrogram(
    tone(hertz, 0.5),
    SAMPLE_RATE,
    noBreath,
  );
  expect([columnCount, secondsPerColumn]).toEqual([50, 0.01]);
  const column = Array.from({ length: bandCount }, (_, row) => values[row * columnCount + 25] ?? 0);
  const brightest = column.indexOf(Math.max(...column));
  const expected = (1 - melPosition(hertz, SAMPLE_RATE)) * bandCount;
  expect(Math.abs(brightest + 0.5 - expected)).toBeLessThan(2);
  expect(column[brightest]).toBeGreaterThan(0.98);
});

test('a tone is bright while it sounds, and silence is dark', async () => {
  const samples = new Float32Array(SAMPLE_RATE);
  samples.set(tone(1000, 0.5), SAMPLE_RATE / 2);
  const { values, bandCount, columnCount } = await computeSpectrogram(samples, SAMPLE_RATE, noBreath);
  const brightness = (column: number): number =>
    Math.max(...Array.from({ length: bandCount }, (_, row) => values[row * columnCount + column] ?? 0));
  expect(brightness(25)).toBe(0);
  expect(brightness(75)).toBeGreaterThan(0.9);
  const silence = await computeSpectrogram(new Float32Array(100), SAMPLE_RATE, noBreath);
  expect(silence.columnCount).toBe(1);
  expect(Math.max(...silence.values)).toBe(0);
});

test('long audio keeps within the columns that a canvas may have', async () => {
  let breaths = 0;
  const { columnCount, secondsPerColumn } = await computeSpectrogram(
    new Float32Array(200 * SAMPLE_RATE),
    SAMPLE_RATE,
    () => {
      breaths++;
      return Promise.resolve();
    },
  );
  expect(columnCount).toBeLessThanOrEqual(16_000);
  expect(columnCount * secondsPerColumn).toBeGreaterThanOrEqual(200);
  expect(breaths).toBeGreaterThan(10);
});
