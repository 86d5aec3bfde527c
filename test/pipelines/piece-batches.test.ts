/** Batches: in order, and of about one length. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import {
  batchesByLength,
  batchesInOrder,
  chooseBatch,
  type Step,
} from '../../src/pipelines/piece-batches.ts';
import { listOf, oneByOne } from '../helpers/async-lists.ts';

interface TestPiece {
  readonly id: number;
  readonly samples: { readonly length: number };
}
const sized = (lengths: readonly number[]): TestPiece[] =>
  lengths.map((length, id) => ({ id, samples: { length } }));
const LIMITS = { maxItems: 8, maxSamples: 1000, isOfOneLength: false };
const lengthsOf = (pieces: readonly TestPiece[]): number[] => pieces.map(({ samples }) => samples.length);

test('in order: batches of the size, and notes without delay where no piece waits', async () => {
  const steps: Step<string, number>[] = [
    { piece: 'a' },
    { note: 1 },
    { piece: 'b' },
    { note: 2 },
    { piece: 'c' },
  ];
  expect(await listOf(batchesInOrder(oneByOne(steps), 2))).toEqual([
    { pieces: ['a', 'b'], notes: [1] },
    { pieces: [], notes: [2] },
    { pieces: ['c'], notes: [] },
  ]);
});

describe('by length', () => {
  test('the oldest piece with the most that waste little', () => {
    expect(lengthsOf(chooseBatch(sized([100, 50, 95, 110, 104, 300]), LIMITS))).toEqual([95, 100, 104, 110]);
    expect(lengthsOf(chooseBatch(sized([100, 100, 100, 90]), { ...LIMITS, maxItems: 2 }))).toEqual([
      100, 100,
    ]);
    expect(lengthsOf(chooseBatch(sized([100, 100, 100]), { ...LIMITS, maxSamples: 250 }))).toEqual([
      100, 100,
    ]);
    expect(lengthsOf(chooseBatch(sized([100, 101, 100]), { ...LIMITS, isOfOneLength: true }))).toEqual([
      100, 100,
    ]);
    expect(lengthsOf(chooseBatch(sized([5000, 1]), LIMITS))).toEqual([5000]);
    expect(chooseBatch([], LIMITS)).toEqual([]);
  });

  test('all come once, in full batches, out of a bounded pool', async () => {
    const random = new SeededRandom(1);
    const pieces = sized(Array.from({ length: 1000 }, () => 20 + Math.floor(80 * random.uniform())));
    let readCount = 0;
    let givenCount = 0;
    const steps = pieces.map((piece) => ({ piece }));
    async function* counted(): AsyncGenerator<Step<TestPiece, never>> {
      for await (const step of oneByOne(steps)) {
        readCount += 1;
        expect(readCount - givenCount).toBeLessThanOrEqual(33);
        yield step;
      }
    }
    const limits = { ...LIMITS, poolSamples: 8000 };
    const seen: number[] = [];
    let padded = 0;
    let count = 0;
    for await (const batch of batchesByLength(counted(), limits)) {
      const lengths = lengthsOf(batch.pieces);
      const all = lengths.length * Math.max(...lengths);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBeGreaterThanOrEqual(0.9 * all);
      expect(all).toBeLessThanOrEqual(1000);
      padded += all;
      seen.push(...batch.pieces.map(({ id }) => id));
      givenCount = seen.length;
      count += 1;
    }
    expect(seen.toSorted((a, b) => a - b)).toEqual(pieces.map(({ id }) => id));
    expect(padded).toBeGreaterThan(0);
    expect(1000 / count).toBeGreaterThan(4);
  });

  test('a piece unlike the others does not wait for ever', async () => {
    const pieces = sized([500, ...new Array<number>(200).fill(100)]);
    const limits = { ...LIMITS, poolSamples: 1e6 };
    const [first] = await listOf(batchesByLength(oneByOne(pieces.map((piece) => ({ piece }))), limits));
    expect(first?.pieces.map(({ id }) => id)).toEqual([0]);
  });

  test('notes come with the next batch, or at once where no piece waits', async () => {
    const steps: Step<TestPiece, number>[] = [
      { note: 1 },
      ...sized([10]).map((piece) => ({ piece })),
      { note: 2 },
    ];
    const batches = await listOf(batchesByLength(oneByOne(steps), { ...LIMITS, poolSamples: 100 }));
    expect(batches.map(({ pieces, notes }) => [pieces.length, notes])).toEqual([
      [0, [1]],
      [1, [2]],
    ]);
  });
});
