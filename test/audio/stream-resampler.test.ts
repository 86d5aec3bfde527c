import { expect, test } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import { StreamResampler } from '../../src/audio/stream-resampler.ts';

const samples = Float32Array.from({ length: 20_000 }, (_, index) => Math.sin(index * index * 1e-5));

test.each([
  [48_000, 16_000],
  [44_100, 16_000],
  [22_050, 16_000],
  [8_000, 16_000],
  [11_025, 16_000],
  [16_000, 16_000],
  [96_001, 16_000],
])(
  'chunks from %d Hz to %d Hz give the samples of the whole, bit for bit',
  (fromRate, toRate) => {
    for (const chunkLengths of [[128], [1, 5000, 7, 0, 480]]) {
      const resampler = new StreamResampler(fromRate, toRate);
      const given: number[] = [];
      for (let start = 0, index = 0; start < samples.length; index += 1) {
        const length = chunkLengths[index % chunkLengths.length] ?? 0;
        given.push(...resampler.push(samples.subarray(start, start + length)));
        start += length;
        // No more is held back than the filter's width: 20 input samples at 48 kHz.
        const heldBack = (Math.min(start, samples.length) * toRate) / fromRate - given.length;
        expect(heldBack).toBeLessThan((40 * Math.max(fromRate, toRate)) / fromRate);
      }
      given.push(...resampler.flush());
      expect(Float32Array.from(given)).toEqual(resample(samples, fromRate, toRate));
    }
  },
  60_000,
);

test('a rate that sound cannot have', () => {
  expect(() => new StreamResampler(0, 16_000)).toThrow(/sample rate is a positive whole number of Hz/);
});
