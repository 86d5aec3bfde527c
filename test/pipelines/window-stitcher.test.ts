/** The frames of overlapping windows become those of the clip, each once. */
import { describe, expect, test } from 'vitest';
import type { WindowFrames } from '../../src/decode/decoder.ts';
import { tokensOf } from '../../src/decode/window-frames.ts';
import { chooseSeam } from '../../src/pipelines/quiet-cut.ts';
import { WindowStitcher } from '../../src/pipelines/window-stitcher.ts';

const VOCAB_SIZE = 64;

/** A window whose frames say where in the clip they are: token `frame` of so many. */
function logitsOf(firstFrame: number, frameCount: number): WindowFrames {
  const data = new Float32Array(frameCount * VOCAB_SIZE);
  for (let frame = 0; frame < frameCount; frame += 1) data[frame * VOCAB_SIZE + firstFrame + frame] = 1;
  return { data, frameCount, vocabSize: VOCAB_SIZE, startSample: 320 * firstFrame };
}
const idsOf = (firstFrame: number, frameCount: number): WindowFrames => ({
  ids: Float32Array.from({ length: frameCount }, (_, frame) => firstFrame + frame),
  frameCount,
  startSample: 320 * firstFrame,
});

const framesOf = (parts: readonly WindowFrames[]): number[] =>
  parts.flatMap((part) => {
    const ids = Array.from(tokensOf(part));
    expect(ids).toHaveLength(part.frameCount);
    for (const [frame, id] of ids.entries()) expect(part.startSample + 320 * frame).toBe(320 * id);
    return ids;
  });
const overlap = (first: number, count: number) => ({
  first,
  levels: new Float64Array(count + 1),
  wanted: Math.floor(count / 2),
  chooseSeam,
});

describe.each([
  ['logits', logitsOf],
  ['tokens', idsOf],
])('windows of %s', (_, windowOf) => {
  test('each frame once and in order, as soon as no later window can change it', () => {
    const stitcher = new WindowStitcher(320, { blank: 0, delimiter: null });
    expect(framesOf(stitcher.push(windowOf(0, 29), overlap(20, 9)))).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    const second = framesOf(stitcher.push(windowOf(20, 29), overlap(20, 9)));
    expect(second).toEqual(Array.from({ length: 20 }, (_, i) => 20 + i));
    const third = framesOf(stitcher.push(windowOf(40, 15), undefined));
    expect(third).toEqual(Array.from({ length: 15 }, (_, i) => 40 + i));
    expect(stitcher.finish()).toEqual([]);
  });

  test('without the next window, its part of the last one counts', () => {
    const stitcher = new WindowStitcher(320, { blank: 0, delimiter: null });
    stitcher.push(windowOf(0, 29), overlap(20, 9));
    expect(framesOf(stitcher.finish())).toEqual(Array.from({ length: 9 }, (_, i) => 20 + i));
  });

  test('windows side by side, and one shorter than the overlap', () => {
    const stitcher = new WindowStitcher(320, { blank: 0, delimiter: null });
    expect(framesOf(stitcher.push(windowOf(0, 9), overlap(9, 0)))).toHaveLength(9);
    expect(framesOf(stitcher.push(windowOf(10, 20), overlap(10, 10)))).toHaveLength(10);
    expect(framesOf(stitcher.push(windowOf(20, 4), undefined)).slice(0, 4)).toEqual([20, 21, 22, 23]);
  });

  test('overlaps that overlap each other', () => {
    for (const [first, wanted] of [
      [4, 5],
      [2, 7],
      [4, 0],
    ] as const) {
      const stitcher = new WindowStitcher(320, { blank: 0, delimiter: null });
      const found: number[] = [];
      const add = (parts: readonly WindowFrames[]) => found.push(...framesOf(parts));
      const open = { ...overlap(first, 10 - first), wanted };
      let start = 0;
      for (; start + 10 < 40; start += first) add(stitcher.push(windowOf(start, 10), open));
      add(stitcher.push(windowOf(start, 40 - start), undefined));
      expect(found).toEqual(Array.from({ length: 40 }, (_, frame) => frame));
    }
  });

  test('where the next window is shorter than what was given of the overlap', () => {
    const stitcher = new WindowStitcher(320, { blank: 0, delimiter: null });
    const parts = [
      ...stitcher.push(windowOf(0, 10), { ...overlap(2, 8), wanted: 7 }),
      ...stitcher.push(windowOf(2, 10), { ...overlap(2, 8), wanted: 7 }),
      ...stitcher.push(windowOf(4, 3), undefined),
    ];
    const found = framesOf(parts);
    expect(found).toEqual(Array.from({ length: found.length }, (_, frame) => frame));
  });
});
