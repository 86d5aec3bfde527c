/** Windows that are planned while sound comes: those of the whole clip, wherever its blocks end. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { chunkGrid, keptFrames } from '../../src/pipelines/chunking.ts';
import { HeardSamples } from '../../src/pipelines/heard-samples.ts';
import { quietCut } from '../../src/pipelines/quiet-cut.ts';
import { type PlannedWindow, WindowPlanner, type WindowOptions } from '../../src/pipelines/window-planner.ts';
import { planChunks } from '../helpers/plan-chunks.ts';

const RATE = 16_000;
const SAMPLES_PER_FRAME = 320;
const frameCountOf = (sampleCount: number): number => Math.max(0, Math.floor((sampleCount - 400) / 320) + 1);
const random = new SeededRandom(3);
const upTo = (limit: number): number => Math.floor(random.uniform() * limit);

/** Plans a clip that comes in blocks, and checks that a window is planned as soon as one sample more than it is there. */
function planAll(
  samples: Float32Array,
  options: Pick<WindowOptions, 'grid' | 'cut'>,
  maxBlock: number,
): PlannedWindow[] {
  const planner = new WindowPlanner(
    { ...options, sampleRate: RATE, samplesPerFrame: SAMPLES_PER_FRAME, frameCountOf },
    quietCut,
  );
  const heard = new HeardSamples();
  const windows: PlannedWindow[] = [];
  const plan = (hasEnded: boolean): void => {
    for (let next = planner.next(heard, hasEnded); next; next = planner.next(heard, hasEnded)) {
      windows.push(next);
      heard.dropBefore(planner.start);
    }
    if (!hasEnded && options.grid)
      expect(heard.count - planner.start).toBeLessThanOrEqual(options.grid.length);
  };
  for (let start = 0; start < samples.length;) {
    const end = start + 1 + upTo(maxBlock);
    heard.append(samples.subarray(start, end));
    start = end;
    plan(false);
  }
  plan(true);
  return windows;
}

const optionsOf = (chunkLengthSeconds: number, strideSeconds: readonly [number, number]) => ({
  chunkLengthSeconds,
  strideSeconds,
  sampleRate: RATE,
  samplesPerFrame: SAMPLES_PER_FRAME,
});

describe('WindowPlanner', () => {
  test('fixed: the chunks and kept frames of the whole clip, for many lengths', () => {
    for (let round = 0; round < 300; round += 1) {
      const options = optionsOf(0.5 + random.uniform(), [0.2 * random.uniform(), 0.2 * random.uniform()]);
      const grid = chunkGrid(options);
      // Lengths around the end of a window most of all.
      const sampleCount = Math.max(
        1,
        grid.length + upTo(4) * grid.step + (upTo(2) === 0 ? upTo(5) - 2 : upTo(9000)),
      );
      const windows = planAll(new Float32Array(sampleCount), { grid, cut: 'fixed' }, 5000);
      const expected = planChunks({ ...options, sampleCount }).map((piece) => ({
        start: piece.start,
        length: piece.length,
        kept: keptFrames(piece, SAMPLES_PER_FRAME, frameCountOf(piece.length)),
      }));
      expect(windows).toEqual(expected);
    }
  });

  test('quiet: the same windows, of which all frames count until the overlap is joined', () => {
    for (let round = 0; round < 100; round += 1) {
      const options = optionsOf(0.6 + random.uniform(), [0.2 * random.uniform(), 0.1 * random.uniform()]);
      const grid = chunkGrid(options);
      const samples = Float32Array.from(
        { length: grid.length + upTo(5 * grid.step) },
        () => random.uniform() - 0.5,
      );
      const windows = planAll(samples, { grid, cut: 'quiet' }, 5000);
      expect(planAll(samples, { grid, cut: 'quiet' }, 50_000)).toEqual(windows);
      const pieces = planChunks({ ...options, sampleCount: samples.length });
      expect(windows.map(({ start, length }) => [start, length])).toEqual(
        pieces.map(({ start, length }) => [start, length]),
      );
      for (const [index, { start, length, kept, overlap }] of windows.entries()) {
        expect(kept).toEqual([0, frameCountOf(length)]);
        const next = windows[index + 1];
        expect(overlap === undefined).toBe(next === undefined);
        if (!overlap || !next) continue;
        expect(start / SAMPLES_PER_FRAME + overlap.first).toBe(
          Math.min(next.start / SAMPLES_PER_FRAME, start / SAMPLES_PER_FRAME + kept[1]),
        );
        expect(overlap.levels).toHaveLength(kept[1] - overlap.first + 1);
        expect(overlap.wanted).toBe(Math.min(grid.strideLeft / SAMPLES_PER_FRAME, kept[1] - overlap.first));
      }
    }
  });

  test('without a grid a clip of any length is one window', () => {
    const windows = planAll(new Float32Array(100_000), { grid: undefined, cut: 'quiet' }, 5000);
    expect(windows).toEqual([{ start: 0, length: 100_000, kept: [0, frameCountOf(100_000)] }]);
  });
});

test('HeardSamples gives what it was given, and copies only over the edge of a block', () => {
  const heard = new HeardSamples();
  const samples = Float32Array.from({ length: 100 }, (_, index) => index);
  for (let start = 0; start < 100; start += 10) heard.append(samples.subarray(start, start + 10));
  expect(heard.count).toBe(100);
  for (const [start, end] of [
    [0, 100],
    [5, 6],
    [19, 31],
    [20, 30],
  ] as const)
    expect(heard.slice(start, end)).toEqual(samples.subarray(start, end));
  expect(heard.slice(21, 29).buffer).toBe(samples.buffer);
  heard.dropBefore(55);
  expect(heard.slice(55, 100)).toEqual(samples.subarray(55));
  expect(heard.slice(0, 100).findIndex((sample) => sample !== 0)).toBe(50);
});
