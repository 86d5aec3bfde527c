import { expect, test } from 'vitest';
import { abortable } from '../../src/base/abortable.ts';

const never = () => new Promise<never>(() => undefined);

test('gives what the work gives, with and without a signal', async () => {
  const { signal } = new AbortController();
  expect(await abortable(Promise.resolve(1), undefined)).toBe(1);
  expect(await abortable(Promise.resolve(2), signal)).toBe(2);
  await expect(abortable(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
});

test("rejects with the signal's reason, during the work and before it", async () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const waiting = abortable(never(), controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  // At once: before anything else that the program has to do.
  const soon = new Promise((resolve) => setImmediate(resolve, 'still waiting'));
  await expect(Promise.race([abortable(never(), controller.signal), soon])).rejects.toBe(reason);
});
