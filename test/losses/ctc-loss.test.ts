/** The CTC loss against a sum over all alignments, and where the reference has no number. */
import { expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { ctcLoss } from '../../src/losses/ctc-loss.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';

const SUM = { reduction: 'sum', zeroInfinity: false } as const;

/** Σ of the probabilities of all paths that become the target when repeated labels are joined and blanks left out. */
function sumOfAlignments(rows: readonly (readonly number[])[], blank: number, target: string): number {
  const walk = (frame: number, path: readonly number[], probability: number): number => {
    const row = rows[frame];
    if (!row) {
      const text = path.filter((label, i) => label !== path[i - 1]).filter((label) => label !== blank);
      return text.join() === target ? probability : 0;
    }
    const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
    return row.reduce(
      (sum, logit, label) => sum + walk(frame + 1, [...path, label], (probability * Math.exp(logit)) / total),
      0,
    );
  };
  return walk(0, [], 1);
}

test.each([['1'], ['1,2'], ['2,2'], ['1,1,2'], ['']])('labels %j: every alignment counts once', (target) => {
  const random = new SeededRandom(3);
  const rows = Array.from({ length: 6 }, () => Array.from({ length: 3 }, () => 4 * random.uniform()));
  const labels = Int32Array.from(target === '' ? [] : target.split(','), Number);
  const logits = new Tensor('float32', Float32Array.from(rows.flat()), [1, 6, 3]);
  const loss = ctcLoss({ logits, labels: [labels], frameCounts: [6], blank: 0 }, SUM);
  expect(loss.item()).toBeCloseTo(-Math.log(sumOfAlignments(rows, 0, target)), 5);
});

test('logits of any size give numbers: 2,000 frames that are sure of the blank', () => {
  const data = Float32Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? 1e4 : -1e4));
  const logits = new Tensor('float32', data, [1, 2000, 2]);
  const lossOf = (...labels: readonly number[]) =>
    ctcLoss({ logits, labels: [Int32Array.from(labels)], frameCounts: [2000], blank: 0 }, SUM).item();
  expect(lossOf()).toBe(0);
  // One frame has the label, any of 2,000.
  expect(lossOf(1)).toBeCloseTo(20_000 - Math.log(2000), 2);
});

test.each([
  ['a label that fits', Int32Array.of(1)],
  ['more labels than frames', Int32Array.of(1, 1, 1)],
])('NaN among the logits gives NaN, even where infinity is zero: %s', (_, labels) => {
  const logits = new Tensor('float32', Float32Array.of(0, 0, NaN, 0), [1, 2, 2]);
  const inputs = { logits, labels: [labels], blank: 0 };
  expect(ctcLoss({ ...inputs, frameCounts: [2] }, { ...SUM, zeroInfinity: true }).item()).toBeNaN();
  // Behind the end of an item nothing counts.
  expect(ctcLoss({ ...inputs, frameCounts: [1] }, SUM).item()).not.toBeNaN();
});
