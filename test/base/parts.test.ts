/** What a worker sends before its answer. */
import { expect, test } from 'vitest';
import { type OnPart, partsOf } from '../../src/base/parts.ts';
import { listOf } from '../helpers/async-lists.ts';

test('parts come in order, whether they wait for the loop or the loop for them', async () => {
  const taken: number[] = [];
  const call = async (onPart: OnPart<number>): Promise<void> => {
    const give = (part: number): void => onPart(part, () => taken.push(part));
    give(1);
    give(2);
    await new Promise((resolve) => setTimeout(resolve, 2));
    give(3);
  };
  const parts = partsOf(call);
  expect((await parts.next()).value).toBe(1);
  // The worker may send no more than what the loop takes.
  expect(taken).toEqual([1]);
  expect(await listOf(parts)).toEqual([2, 3]);
  expect(taken).toEqual([1, 2, 3]);
});

test('an error comes behind the parts before it', async () => {
  const parts = partsOf((onPart: OnPart<number>) => {
    onPart(1);
    return Promise.reject(new Error('broken'));
  });
  expect(await parts.next()).toEqual({ done: false, value: 1 });
  await expect(parts.next()).rejects.toThrow('broken');
});
