import { describe, expect, test } from 'vitest';
import { keptFrames } from '../../src/pipelines/chunking.ts';
import { planChunks } from '../helpers/plan-chunks.ts';

/** One sample a second and a frame, so that seconds are samples. */
const inSamples = (sampleCount: number, chunk: number, left: number, right: number) =>
  planChunks({
    sampleCount,
    chunkLengthSeconds: chunk,
    strideSeconds: [left, right],
    sampleRate: 1,
    samplesPerFrame: 1,
  });

const speech = { sampleRate: 16000, samplesPerFrame: 320 };

describe('planChunks', () => {
  test.each([
    [100, 0, 0, [[100, 0, 0]]],
    [
      50,
      0,
      0,
      [
        [50, 0, 0],
        [50, 0, 0],
      ],
    ],
    [
      80,
      0,
      0,
      [
        [80, 0, 0],
        [20, 0, 0],
      ],
    ],
    [105, 5, 5, [[100, 0, 0]]],
    [100, 20, 10, [[100, 0, 0]]],
    [
      80,
      20,
      10,
      [
        [80, 0, 10],
        [50, 20, 0],
      ],
    ],
    [
      90,
      20,
      0,
      [
        [90, 0, 0],
        [30, 20, 0],
      ],
    ],
    [
      36,
      6,
      6,
      [
        [36, 0, 6],
        [36, 6, 6],
        [36, 6, 6],
        [28, 6, 0],
      ],
    ],
    [
      30,
      5,
      5,
      [
        [30, 0, 5],
        [30, 5, 5],
        [30, 5, 5],
        [30, 5, 5],
        [20, 5, 0],
      ],
    ],
  ])('100 samples in chunks of %d with strides %d and %d', (chunk, left, right, expected) => {
    const pieces = inSamples(100, chunk, left, right);
    expect(pieces.map((piece) => [piece.length, piece.strideLeft, piece.strideRight])).toEqual(expected);
    const step = chunk - left - right;
    expect(pieces.map(({ start }) => start)).toEqual(pieces.map((_, index) => index * step));
  });

  test('has no pieces of nothing', () => {
    expect(inSamples(0, 10, 1, 1)).toEqual([]);
  });

  test('takes a sixth of the chunk as stride, and one number for both sides', () => {
    const sampleCount = 60 * 16000;
    const byDefault = planChunks({ sampleCount, chunkLengthSeconds: 30, ...speech });
    expect(byDefault).toEqual(
      planChunks({ sampleCount, chunkLengthSeconds: 30, strideSeconds: 5, ...speech }),
    );
    expect(byDefault[1]).toEqual({ start: 320000, length: 480000, strideLeft: 80000, strideRight: 80000 });
  });

  test('rounds lengths to whole frames, halves to even', () => {
    // 0.05 s are 2.5 frames, 0.07 s are 3.5 frames.
    const [first] = planChunks({
      sampleCount: 9999,
      chunkLengthSeconds: 0.07,
      strideSeconds: [0, 0.05],
      ...speech,
    });
    expect(first).toEqual({ start: 0, length: 4 * 320, strideLeft: 0, strideRight: 2 * 320 });
  });

  test.each([
    ['strides longer than the chunk', 10, [6, 5], 'Chunks of 10 s'],
    ['strides that leave nothing', 10, [5, 5], 'longer than their strides'],
    ['a chunk of less than half a frame', 0.2, [0, 0], 'Chunks of 0.2 s (0 samples)'],
    ['a chunk of zero', 0, [0, 0], 'chunk_length_s is 0.'],
    ['an endless chunk', Infinity, [0, 0], 'chunk_length_s is Infinity.'],
    ['a negative stride', 10, [-1, 0], 'The left stride_length_s is -1.'],
    ['a stride that is not a number', 10, [0, NaN], 'The right stride_length_s is NaN.'],
  ] as const)('refuses %s', (_, chunk, [left, right], message) => {
    expect(() => inSamples(100, chunk, left, right)).toThrow(message);
    expect(() => inSamples(100, chunk, left, right)).toThrow(
      expect.objectContaining({ code: 'bad-option' }) as Error,
    );
  });
});

describe('keptFrames', () => {
  const piece = (length: number, strideLeft: number, strideRight: number) => ({
    start: 0,
    length,
    strideLeft,
    strideRight,
  });

  test('cuts shares of the nominal frame count, clipped at the true one', () => {
    // 10 s: 500 nominal frames, of which the convolutions give 499.
    expect(keptFrames(piece(160000, 16000, 16000), 320, 499)).toEqual([50, 450]);
    expect(keptFrames(piece(160000, 16000, 0), 320, 499)).toEqual([50, 499]);
    expect(keptFrames(piece(160000, 0, 0), 320, 600)).toEqual([0, 500]);
  });

  test('rounds halves to even', () => {
    expect(keptFrames(piece(10, 1, 0), 2, 5)).toEqual([0, 5]);
    expect(keptFrames(piece(10, 3, 0), 2, 5)).toEqual([2, 5]);
    expect(keptFrames(piece(10, 5, 1), 2, 5)).toEqual([2, 5]);
    // Python: round(147 * (1 / 98)) is 1, although round(147 / 98) is 2.
    expect(keptFrames(piece(147, 0, 0), 98, 9)).toEqual([0, 1]);
  });

  test('keeps nothing of a piece that is all stride, or has no frames', () => {
    expect(keptFrames(piece(100, 50, 50), 1, 100)).toEqual([50, 50]);
    expect(keptFrames(piece(100, 100, 0), 320, 0)).toEqual([0, 0]);
    expect(keptFrames(piece(1000, 640, 0), 320, 1)).toEqual([1, 1]);
  });

  test('covers every frame of a long clip once', () => {
    const sampleCount = 75 * 16000;
    const pieces = planChunks({ sampleCount, chunkLengthSeconds: 10, strideSeconds: [2, 1], ...speech });
    const covered = pieces.map((one) => {
      const [from, to] = keptFrames(one, 320, Math.floor((one.length - 80) / 320));
      return [one.start / 320 + from, one.start / 320 + to];
    });
    expect(covered[0]?.[0]).toBe(0);
    covered.slice(1).forEach(([from], index) => {
      expect(from).toBe(covered[index]?.[1]);
    });
    expect(covered.at(-1)?.[1]).toBe(75 * 50 - 1);
  });
});
