import { describe, expect, test } from 'vitest';
import { findAnchors } from '../../src/align/anchors.ts';
import { anchoredBand, cellCount, fullBand } from '../../src/align/band.ts';
import { makeTarget } from '../../src/align/target.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { columnsOf, peakyRows } from './helpers.ts';

const random = new SeededRandom(21);
const randomLabels = (count: number): number[] => Array.from({ length: count }, () => random.integer(1, 26));

/** The frame in which each label of clear speech is. */
const framesOf = (rows: readonly (readonly number[])[]): number[] =>
  rows.flatMap((row, frame) => (row.indexOf(Math.max(...row)) === 0 ? [] : [frame]));

describe('anchors', () => {
  test('are where recognition and text mean the same, also behind what one of them lacks', () => {
    const tokens = randomLabels(300);
    const said = [
      ...tokens.slice(0, 100),
      ...tokens.slice(150, 220),
      ...randomLabels(40),
      ...tokens.slice(220),
    ];
    const rows = peakyRows(random, said, 27);
    const frames = framesOf(rows);
    const target = makeTarget(tokens, 0);
    const anchors = findAnchors(columnsOf(rows, target), target);
    expect(anchors.length).toBeGreaterThan(150);
    for (const { frame, token } of anchors) {
      const place = frames.indexOf(frame);
      expect(place).toBe(token < 100 ? token : token < 220 ? token - 50 : token - 10);
    }
    const rising = anchors.every(
      ({ frame, token }, index) =>
        index === 0 || (frame > (anchors[index - 1]?.frame ?? 0) && token > (anchors[index - 1]?.token ?? 0)),
    );
    expect(rising).toBe(true);
  });

  test('runs that are there more than once are none', () => {
    const refrain = randomLabels(20);
    const tokens = [...refrain, ...randomLabels(3), ...refrain];
    const target = makeTarget(tokens, 0);
    // Only one of the two is said.
    expect(findAnchors(columnsOf(peakyRows(random, refrain, 27), target), target)).toEqual([]);
  });

  test('labels between words and stars do not matter', () => {
    const tokens = randomLabels(60);
    const spaced = tokens.flatMap((token, index) => (index % 4 === 3 ? [token, 27] : [token]));
    const target = makeTarget([-1, ...tokens, -2], 0);
    const columns = columnsOf(peakyRows(random, spaced, 28), target);
    expect(findAnchors(columns, target, (id) => id === 27).length).toBeGreaterThan(40);
    expect(findAnchors(columns, target).length).toBe(0);
  });
});

describe('bands', () => {
  test('hold the way from anchor to anchor with a margin, and every state that is left out could not be on it', () => {
    const full = fullBand(100, 40);
    const band = anchoredBand(full, 40, [{ frame: 50, token: 20 }], 5);
    expect(cellCount(band)).toBeLessThan(cellCount(full));
    for (let frame = 0; frame < 100; frame++) {
      const [low = 0, high = 0] = [band.low[frame], band.high[frame]];
      expect(low >= (full.low[frame] ?? 0) && high <= (full.high[frame] ?? 0)).toBe(true);
      expect(low).toBeGreaterThanOrEqual(frame < 50 ? 0 : Math.min(15, full.low[frame] ?? 0));
      expect(high).toBeLessThanOrEqual(frame < 50 ? 25 : 40);
      if (frame > 0) {
        expect(low).toBeGreaterThanOrEqual(band.low[frame - 1] ?? 0);
        expect(high).toBeGreaterThanOrEqual(band.high[frame - 1] ?? 0);
      }
    }
    expect([band.low[49], band.high[49], band.low[50], band.high[50]]).toEqual([0, 25, 15, 40]);
  });
});
