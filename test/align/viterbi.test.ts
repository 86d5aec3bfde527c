import { expect, test } from 'vitest';
import type { StateBand } from '../../src/align/band.ts';
import { makeTarget } from '../../src/align/target.ts';
import { searchPath } from '../../src/align/viterbi.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { columnsOf, randomCase } from './helpers.ts';

/** Both bounds only rise, as those of a band do; they may shut every path out. */
function randomBand(random: SeededRandom, frameCount: number, tokenCount: number): StateBand {
  const low = new Int32Array(frameCount);
  const high = new Int32Array(frameCount);
  for (let frame = 0; frame < frameCount; frame++) {
    const jump = (): number => (random.uniform() < 0.6 ? 0 : random.integer(0, 2));
    low[frame] = Math.min(tokenCount - 1, (low[frame - 1] ?? 0) + (frame === 0 ? 0 : jump()));
    high[frame] = Math.min(tokenCount, Math.max(low[frame] ?? 0, (high[frame - 1] ?? 0) + jump() + 1));
  }
  return { low, high };
}

/** The table of all states, written out; a state outside the band is never entered. */
function bestWithin(
  rows: readonly (readonly number[])[],
  tokens: readonly number[],
  band: StateBand,
): number {
  const stateCount = 2 * tokens.length + 1;
  const labelOf = (state: number): number => (state % 2 === 0 ? 0 : (tokens[(state - 1) / 2] ?? 0));
  let sums = Array.from({ length: stateCount }, (_, state) => (state === 0 ? 0 : -Infinity));
  rows.forEach((row, frame) => {
    sums = sums.map((stay, state) => {
      const pair = state >> 1;
      if (pair < (band.low[frame] ?? 0) || pair > (band.high[frame] ?? 0)) return -Infinity;
      const maySkip = state % 2 === 1 && state > 1 && labelOf(state) !== labelOf(state - 2);
      const from = [stay, sums[state - 1] ?? -Infinity, maySkip ? (sums[state - 2] ?? -Infinity) : -Infinity];
      return Math.max(...from) + (row[labelOf(state)] ?? NaN);
    });
  });
  return Math.max(...sums.slice(-2));
}

test('a search in a band finds the best path of those inside it, in blocks of any length', () => {
  const random = new SeededRandom(41);
  let insideCount = 0;
  for (let count = 0; count < 1500; count++) {
    const { rows, tokens } = randomCase(random, { ties: count % 2 === 0, maxTokens: 8, spare: 16 });
    if (tokens.length === 0) continue;
    const target = makeTarget(tokens, 0);
    const columns = columnsOf(rows, target);
    const band = randomBand(random, rows.length, tokens.length);
    const best = bestWithin(rows, tokens, band);
    if (best > -Infinity) insideCount += 1;
    for (const blockFrameCount of [rows.length, 3]) {
      const steps = searchPath(columns, target, band, blockFrameCount);
      let step = steps.next();
      while (step.done !== true) step = steps.next();
      const { logProb, states } = step.value;
      if (best === -Infinity) expect(logProb).toBe(best);
      else expect(logProb).toBeCloseTo(best, 9);
      if (best > -Infinity)
        states.forEach((state, frame) => {
          expect(state >> 1).toBeGreaterThanOrEqual(band.low[frame] ?? NaN);
          expect(state >> 1).toBeLessThanOrEqual(band.high[frame] ?? NaN);
        });
    }
  }
  expect(insideCount).toBeGreaterThan(300);
});
