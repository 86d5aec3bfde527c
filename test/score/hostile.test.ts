/** Any two texts: counts that add up, in bounded time. */
import { expect, test } from 'vitest';
import { score } from '../../src/score/score.ts';
import { showAlignment } from '../../src/score/show-alignment.ts';
import { tokensOf } from '../../src/score/tokens.ts';
import { Random } from '../fuzz/random.ts';
import { HOSTILE_TEXTS, hostileText } from '../helpers/hostile-texts.ts';

const UNITS = ['word', 'char', 'phoneme'] as const;

function expectCounts(reference: string, hypothesis: string, unit: (typeof UNITS)[number]): void {
  const rates = score(reference, hypothesis, { unit });
  const { hits, substitutions, deletions, insertions, error_rate: rate } = rates;
  const length = tokensOf(reference, unit).length;
  expect(hits + substitutions + deletions).toBe(length);
  expect(hits + substitutions + insertions).toBe(tokensOf(hypothesis, unit).length);
  const errors = substitutions + deletions + insertions;
  expect(rate).toBe(length === 0 ? errors : errors / length);
  expect(showAlignment(rates, 0).split('\n')[0]).toMatch(/^REF:/);
}

test.each(HOSTILE_TEXTS)('%s: counts in a moment', (_name, text) => {
  const begin = performance.now();
  // The ends are alike in neither: nothing is left out beforehand.
  for (const unit of UNITS) expectCounts(text, `x ${text.slice(0, 1000)} y`, unit);
  expect(performance.now() - begin).toBeLessThan(10_000);
});

test('1,000 pairs of texts of pieces that do not belong together', () => {
  for (let seed = 1; seed <= 1000; seed += 1) {
    const random = new Random(seed);
    expectCounts(hostileText(random, 20), hostileText(random, 20), random.pick(UNITS));
  }
});
