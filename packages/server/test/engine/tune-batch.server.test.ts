/** How large a batch is, by what a device does with it. */
import { expect, test } from 'vitest';
import { largestUseful } from '../../src/engine/child/tune-batch.ts';

/** @param rates of batches of 1, 2, 4, …, each asked for once at most. */
async function tuned(rates: readonly number[], most = 8): Promise<readonly [size: number, asked: number]> {
  const left = rates.map((rate, index) => [2 ** index, rate] as const);
  const size = await largestUseful((wanted) => {
    const [next, rate] = left.shift() ?? [];
    expect(next).toBe(wanted);
    return Promise.resolve(rate ?? NaN);
  }, most);
  return [size, rates.length - left.length];
}

test('a batch grows while the device does a tenth more in its time', async () => {
  expect(await tuned([10, 20, 30, 40, 50])).toEqual([8, 4]);
  expect(await tuned([10, 11.1, 11.2, 90])).toEqual([2, 3]);
  expect(await tuned([10, 10.9, 90, 90])).toEqual([1, 2]);
  // Slower is no gain.
  expect(await tuned([10, 5, 90, 90])).toEqual([1, 2]);
});

test('a batch never has more pieces than it may', async () => {
  expect(await tuned([10, 20, 40, 80], 1)).toEqual([1, 1]);
  expect(await tuned([10, 20, 40, 80], 6)).toEqual([4, 3]);
});
