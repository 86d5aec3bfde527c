import { describe, expect, test } from 'vitest';
import { edgesAtPauses, LoudnessTrack, quietLevel, type SecondEdges } from '../../src/align/pauses.ts';
import { extendedEdges, extensionOf, secondsOfEdge } from '../../src/align/word-edges.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { vectors } from './helpers.ts';

describe('edges of frames', () => {
  test.each(vectors.boundaries.map((one, index) => [index, one] as const))(
    'reference vector %i',
    (_, one) => {
      const { frames, hop, rate, window, duration, words_raw: raw, extend_frames: extension } = one;
      const edges = extendedEdges(raw, frames, extension);
      expect(edges).toEqual(one.words_extended);
      const timing = { sampling_rate: rate, samples_per_frame: hop, samples_per_window: window };
      for (const [word, [start, end]] of edges.entries()) {
        expect(secondsOfEdge(start, timing, duration)).toBeCloseTo(one.seconds[word]?.[0] ?? NaN, 9);
        expect(secondsOfEdge(end, timing, duration)).toBeCloseTo(one.seconds[word]?.[1] ?? NaN, 9);
      }
    },
  );

  test('hop, window and rate are those of the model, and no edge is outside the audio', () => {
    const timing = { sampling_rate: 8000, samples_per_frame: 160, samples_per_window: 600 };
    expect(secondsOfEdge(10, timing, 9)).toBeCloseTo((10 * 160 + 220) / 8000, 12);
    expect(secondsOfEdge(1000, timing, 9)).toBe(9);
    expect(extensionOf(timing)).toBe(4);
  });
});

/** Noise of 0.3 from each start to its end, and of 0.0005 elsewhere. */
function clipOf(seconds: number, loud: readonly (readonly [number, number])[]): Float32Array {
  const random = new SeededRandom(2);
  return Float32Array.from({ length: seconds * 16000 }, (_, sample) => {
    const time = sample / 16000;
    const isLoud = loud.some(([start, end]) => time >= start && time < end);
    return (random.uniform() - 0.5) * (isLoud ? 0.6 : 0.001);
  });
}

function trackOf(samples: Float32Array, blockLength = samples.length): LoudnessTrack {
  const track = new LoudnessTrack(16000);
  for (let start = 0; start < samples.length; start += blockLength)
    track.push(samples.subarray(start, start + blockLength));
  return track;
}

/** Words without a pause go 80 ms beyond their tokens. */
function edgesOf(
  words: readonly SecondEdges[],
  samples: Float32Array,
  stars: readonly SecondEdges[] = [],
): SecondEdges[] {
  const extended = words.map(([start, end]): SecondEdges => [start - 0.08, end + 0.08]);
  return edgesAtPauses(words, trackOf(samples), { duration: samples.length / 16000, extended, stars });
}

describe('edges at pauses', () => {
  const loud = [
    [0.3, 0.6],
    [0.9, 1.3],
    [1.35, 1.7],
  ] as const;
  const samples = clipOf(2, loud);
  // The tokens of CTC come late and end early.
  const tokens = [
    [0.38, 0.45],
    [1.0, 1.1],
    [1.45, 1.55],
  ] as const;

  test('words begin and end where the sound does, to ten milliseconds', () => {
    const edges = edgesOf(tokens, samples);
    for (const [index, [start, end]] of edges.entries()) {
      expect(Math.abs(start - (loud[index]?.[0] ?? NaN))).toBeLessThan(0.011);
      expect(Math.abs(end - (loud[index]?.[1] ?? NaN))).toBeLessThan(0.011);
    }
  });

  test('of two quiet stretches the longer one is the pause, not the stop inside a word', () => {
    const stopped = samples.slice();
    stopped.fill(0, 0.95 * 16000, 0.98 * 16000);
    stopped.fill(0, 0.55 * 16000, 0.57 * 16000);
    const [first, second] = edgesOf(tokens, stopped);
    expect(Math.abs((first?.[1] ?? NaN) - 0.6)).toBeLessThan(0.011);
    expect(Math.abs((second?.[0] ?? NaN) - 0.9)).toBeLessThan(0.011);
  });

  test('samples may come in blocks of any size', () => {
    expect(trackOf(samples, 7).levels()).toEqual(trackOf(samples).levels());
    expect(trackOf(samples, 999).sampleCount).toBe(samples.length);
  });

  test('a level is that of 15 ms in decibels, and a window every 5 ms', () => {
    const track = trackOf(new Float32Array(480).fill(0.1, 0, 240));
    const levels = track.levels();
    expect(levels).toHaveLength(4);
    expect(levels[0]).toBeCloseTo(-20, 5);
    expect(levels[1]).toBeCloseTo(10 * Math.log10((0.01 * 2) / 3), 5);
    expect(levels[3]).toBe(-120);
    expect(track.centreOf(1)).toBeCloseTo(0.0125, 12);
    expect(track.windowFrom(0.0125)).toBe(1);
    expect(track.windowFrom(0.0126)).toBe(2);
  });

  test('where nothing is quiet, both words meet at the quietest window', () => {
    const steady = clipOf(1, [[0, 1]]);
    steady.fill(0.05, 0.5 * 16000, 0.52 * 16000);
    // The threshold is far below.
    steady.fill(0, 0.85 * 16000);
    const [first, second] = edgesOf(
      [
        [0.2, 0.4],
        [0.6, 0.8],
      ],
      steady,
    );
    expect(first?.[1]).toBe(second?.[0]);
    expect(first?.[1]).toBeCloseTo(0.51, 1);
  });

  test('words that touch meet between their tokens', () => {
    const [first, second] = edgesOf(
      [
        [0.2, 0.5],
        [0.5, 0.8],
      ],
      clipOf(1, [[0, 1]]),
    );
    expect([first?.[1], second?.[0]]).toEqual([0.5, 0.5]);
  });

  test('a clip too short for a window, or without sound, has edges all the same', () => {
    for (const clip of [new Float32Array(10), new Float32Array(16000)]) {
      const [edges] = edgesOf([[0.0001, 0.0002]], clip);
      expect(edges?.every((edge) => edge >= 0 && edge <= 1)).toBe(true);
    }
  });

  test('speech without text before a word does not take its edge away: pauses more than a second off are not its own', () => {
    // The long pause is early; before the word there is one of 80 ms.
    const led = clipOf(32, [
      [0, 4],
      [8, 30.2],
      [30.28, 30.7],
    ]);
    const [word] = edgesOf([[30.4, 30.6]], led);
    expect(Math.abs((word?.[0] ?? NaN) - 30.28)).toBeLessThan(0.011);
    expect(Math.abs((word?.[1] ?? NaN) - 30.7)).toBeLessThan(0.011);
    // Without a pause near it the edge is the extended one.
    const unbroken = clipOf(32, [
      [0, 4],
      [8, 32],
    ]);
    expect(edgesOf([[30.4, 30.6]], unbroken)).toEqual([[30.4 - 0.08, 30.6 + 0.08]]);
  });

  test('beside a star each word has the pause on its own side of it, or its extended edge', () => {
    const words = [
      [0.35, 0.5],
      [1.3, 1.4],
    ] as const;
    // Speech without text from 0.7 to 1.1 s; the longest pause is inside it.
    const parted = clipOf(2, [
      [0.3, 0.6],
      [0.65, 0.7],
      [1.0, 1.2],
      [1.25, 1.5],
    ]);
    const [first, second] = edgesOf(words, parted, [[0.66, 1.15]]);
    expect(Math.abs((first?.[1] ?? NaN) - 0.6)).toBeLessThan(0.011);
    expect(Math.abs((second?.[0] ?? NaN) - 1.25)).toBeLessThan(0.011);
    const [left, right] = edgesOf(words, parted, [[0.5, 1.3]]);
    expect([left?.[1], right?.[0]]).toEqual([0.5 + 0.08, 1.3 - 0.08]);
  });

  test('edges stay in order where one word has a pause and the other has none', () => {
    const narrow = clipOf(2, [
      [0, 0.54],
      [0.56, 1.2],
    ]);
    const [first, second] = edgesOf(
      [
        [0.3, 0.5],
        [0.66, 0.8],
      ],
      narrow,
      [[0.5, 0.52]],
    );
    expect(second?.[0]).toBeCloseTo(0.5525, 3);
    expect(first?.[1]).toBe(second?.[0]);
  });

  test('the threshold lies a quarter of the way up from the 10th to the 95th percentile', () => {
    expect(quietLevel(Float32Array.from({ length: 101 }, (_, index) => -index))).toBeCloseTo(-90 + 85 / 4, 5);
  });
});
