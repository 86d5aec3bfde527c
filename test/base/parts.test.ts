/** What a worker sends before its answer. */
import { expect, test } from 'vitest';
import { partsOf } from '../../src/base/parts.ts';
import { listOf } from '../helpers/async-lists.ts';

test('parts come in order, whether they wait for the loop or the loop for them', async () => {
  const call = async (onPart: (part: unknown) => void): Promise<void> => {
    onPart(1);
    onPart(2);
    await new Promise((resolve) => setTimeout(resolve, 2));
    onPart(3);
  };
  expect(await listOf(partsOf(call))).toEqual([1, 2, 3]);
});

test('an error comes behind the parts before it', async () => {
  const parts = partsOf((onPart) => {
    onPart(1);
    return Promise.reject(new Error('broken'));
  });
  expect(await parts.next()).toEqual({ done: false, value: 1 });
  await expect(parts.next()).rejects.toThrow('broken');
});
