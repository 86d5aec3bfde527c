import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { toMono } from '../../src/audio/downmix.ts';
import { resample } from '../../src/audio/resample.ts';
import type { AudioClip } from '../../src/base/files.ts';

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const sine = (length: number, radiansPerSample: number) =>
  Float32Array.from({ length }, (_, index) => Math.sin(radiansPerSample * index));
const rms = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

/** torchaudio's formula taken literally, every tap of every kernel, in double precision. */
function literalResample(samples: Float32Array, fromRate: number, toRate: number): number[] {
  const divisor = gcd(fromRate, toRate);
  const o = fromRate / divisor;
  const n = toRate / divisor;
  const base = Math.min(o, n) * 0.99;
  const width = Math.ceil((6 * o) / base);
  const kernel = (p: number, q: number) => {
    const t = Math.min(6, Math.max(-6, ((q - width) / o - p / n) * base));
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    return (base / o) * Math.cos((Math.PI * t) / 12) ** 2 * sinc;
  };
  return Array.from({ length: Math.ceil((n * samples.length) / o) }, (_, index) => {
    const frame = Math.floor(index / n);
    let sum = 0;
    for (let q = 0; q < 2 * width + o; q += 1) {
      sum += (samples[frame * o + q - width] ?? 0) * kernel(index % n, q);
    }
    return sum;
  });
}

function expectClose(actual: Float32Array, expected: readonly number[], tolerance: number) {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...expected.map((value, index) => Math.abs(value - (actual[index] ?? NaN))));
  expect(worst).toBeLessThan(tolerance);
}

describe('resample', () => {
  const impulses = Float32Array.of(0, 1, 0, 0, -0.5, 0, 0, 0.25);

  test.each<[Float32Array, number, number, number[]]>([
    [
      impulses,
      8000,
      16_000,
      [
        0.01063383, 0.64306206, 0.98746388, 0.58526578, 0.01329519, -0.08804597, -0.01285716, -0.24083814,
        -0.48866122, -0.32708435, -0.00914029, 0.05622454, 0.0068393, 0.11493612, 0.24496204, 0.17362879,
      ],
    ],
    [impulses, 48_000, 16_000, [0.30804574, -0.01549548, -0.04646827]],
    [
      sine(20, 0.3),
      44_100,
      16_000,
      [0.07859858, 0.72294119, 1.00217703, 0.61244184, -0.16917723, -0.82464418, -0.99964742, -0.35272853],
    ],
  ])('vectors of the reference formula (%#)', (samples, fromRate, toRate, expected) => {
    expectClose(resample(samples, fromRate, toRate), expected, 1e-7);
  });

  test.each([
    [44_100, 16_000],
    [11_025, 16_000],
    [22_050, 16_000],
    [8000, 44_100],
    [16_000, 15_999],
    [15_999, 16_000],
    [96_000, 8000],
  ])('%i Hz to %i Hz equals the literal formula', (fromRate, toRate) => {
    const samples = sine(101, 0.37).map((sample, index) => sample + ((index * 7919) % 13) / 13 - 0.5);
    expectClose(resample(samples, fromRate, toRate), literalResample(samples, fromRate, toRate), 2e-7);
  });

  test('keeps tones below the new Nyquist frequency and removes those above', () => {
    const tone = (hertz: number) => sine(48_000, (2 * Math.PI * hertz) / 48_000);
    const inner = (samples: Float32Array) => samples.subarray(100, -100);
    const kept = inner(resample(tone(1000), 48_000, 16_000));
    const ideal = inner(sine(16_000, (2 * Math.PI * 1000) / 16_000));
    expectClose(kept, Array.from(ideal), 5e-3);
    const fortyDecibelsDown = rms(tone(10_000)) / 100;
    expect(rms(inner(resample(tone(10_000), 48_000, 16_000)))).toBeLessThan(fortyDecibelsDown);
  });

  test('equal rates and empty clips', () => {
    expect(resample(impulses, 16_000, 16_000)).toBe(impulses);
    expect(resample(new Float32Array(0), 8000, 16_000)).toHaveLength(0);
  });

  test('a minute of 44.1 kHz takes well under two seconds', () => {
    const minute = sine(44_100 * 60, 0.1);
    // The least of three: what the machine does beside it is not counted.
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      expect(resample(minute, 44_100, 16_000)).toHaveLength(16_000 * 60);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(2000);
  });

  test.each([0, -8000, 16_000.5, NaN, Infinity, 4_294_967_295])('rejects the rate %d', (rate) => {
    expect(() => resample(impulses, rate, 16_000)).toThrow(/sample rate is a positive whole number of Hz/);
    expect(() => resample(impulses, 16_000, rate)).toThrow(/sample rate is a positive whole number of Hz/);
  });

  test.each([1, 50, 999])('rejects %d Hz: a clip of that rate would become enormous', (rate) => {
    expect(() => resample(new Float32Array(33_000), rate, 16_000)).toThrow(/from 1000 to 768000, found/);
  });

  test('an odd rate takes a filter no larger than what it is for', () => {
    // All phases of this pair take 80 MB and a second.
    const start = performance.now();
    expect(resample(new Float32Array(10).fill(1), 768_000, 767_999)).toHaveLength(10);
    expect(performance.now() - start).toBeLessThan(300);
    const whole = resample(sine(40_000, 0.1), 15_999, 16_000);
    expect(resample(sine(1000, 0.1), 15_999, 16_000).subarray(0, 980)).toEqual(whole.subarray(0, 980));
  });

  test.each<[string, unknown]>([
    ['a list', [1, 2]],
    ['float64', new Float64Array(2)],
    ['nothing', undefined],
  ])('rejects %s for samples', (_, samples) => {
    expect(() => resample(samples as Float32Array, 8000, 16_000)).toThrow(
      /^resample got .*, expected a Float32Array\.$/,
    );
  });

  test('takes samples of another realm', () => {
    const samples = runInNewContext('Float32Array.of(0, 1, 0, 0, -0.5, 0, 0, 0.25)') as Float32Array;
    expect(samples).not.toBeInstanceOf(Float32Array);
    expect(resample(samples, 8000, 16_000)).toEqual(resample(impulses, 8000, 16_000));
  });

  test('rejects results that no array can hold', () => {
    expect(() => resample(new Float32Array(40_000), 1, 16_000)).toThrow(/would give 640000000 samples/);
  });
});

describe('toMono', () => {
  test('is the mean over the channels', () => {
    const channels = [Float32Array.of(1, 0.5), Float32Array.of(0, 0.25), Float32Array.of(-0.25, 0.75)];
    expect(Array.from(toMono({ channels, sampleRate: 8000 }))).toEqual([0.25, 0.5]);
  });

  test('gives a single channel as it is', () => {
    const only = Float32Array.of(1, 2);
    expect(toMono({ channels: [only], sampleRate: 8000 })).toBe(only);
  });

  /** As it was before plain loops. */
  const formerMono = ([first = new Float32Array(0), ...others]: readonly Float32Array[]): Float32Array => {
    const sums = Float64Array.from(first);
    for (const channel of others)
      channel.forEach((sample, index) => {
        sums[index] = (sums[index] ?? 0) + sample;
      });
    return Float32Array.from(sums, (sum) => sum / (others.length + 1));
  };

  test.each([2, 3, 6, 17])('%i channels: the bits of sums in double precision', (count) => {
    const channels = Array.from({ length: count }, (_, channel) =>
      Float32Array.from(
        { length: 9001 },
        (__, index) => Math.sin(index * (channel + 1)) * 10 ** (channel - 3),
      ),
    );
    expect(toMono({ channels, sampleRate: 8000 })).toEqual(formerMono(channels));
    expect(
      toMono({ channels: channels.map((samples) => samples.subarray(0, 0)), sampleRate: 8000 }),
    ).toHaveLength(0);
  });

  test('an hour of two channels, which as a list of numbers would end the process', () => {
    const channel = new Float32Array(3600 * 44_100).fill(0.5);
    const mono = toMono({ channels: [channel, channel], sampleRate: 44_100 });
    expect(mono).toHaveLength(channel.length);
    expect([mono[0], mono.at(-1)]).toEqual([0.5, 0.5]);
  });

  test('channels of another realm', () => {
    const channels = runInNewContext('[Float32Array.of(1, 2), Float32Array.of(0, 4)]') as Float32Array[];
    expect(toMono({ channels, sampleRate: 8000 })).toEqual(Float32Array.of(0.5, 3));
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['samples', new Float32Array(2)],
    ['no list', { channels: new Float32Array(2) }],
    [
      'lists of numbers',
      {
        channels: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
  ])('rejects %s', (_, clip) => {
    expect(() => toMono(clip as AudioClip)).toThrow(/^toMono got .*, expected \{ channels, sampleRate \}/);
  });

  test('rejects clips without channels or with channels of different lengths', () => {
    expect(() => toMono({ channels: [], sampleRate: 8000 })).toThrow(/at least one channel/);
    const channels = [new Float32Array(2), new Float32Array(3)];
    expect(() => toMono({ channels, sampleRate: 8000 })).toThrow(/found 2 and 3 samples/);
  });
});
