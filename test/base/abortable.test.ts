import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { abortable, abortWith, whenAborted } from '../../src/base/abortable.ts';

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

test('however much waits for a signal, it has one listener, and none when nothing waits any more', async () => {
  const { signal } = new AbortController();
  const works = Array.from({ length: 20 }, () => {
    let end = (): void => undefined;
    const work = abortable(new Promise<void>((resolve) => (end = resolve)), signal);
    return { work, end };
  });
  const controllers = Array.from({ length: 20 }, () => new AbortController());
  for (const controller of controllers) abortWith(controller, signal);
  const endWait = whenAborted(signal, () => undefined);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  for (const { end } of works) end();
  await Promise.all(works.map(({ work }) => work));
  await new Promise(setImmediate);
  for (const controller of controllers) controller.abort();
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  endWait();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  // Twice is once: what waits since then still does.
  const seen: string[] = [];
  whenAborted(signal, () => seen.push('later'));
  endWait();
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
});

test('each task is called once, those that have ended their wait are not, and one that comes too late is called at once', () => {
  const controller = new AbortController();
  const { signal } = controller;
  const seen: string[] = [];
  const task = (): void => void seen.push('task');
  whenAborted(signal, task);
  whenAborted(signal, task)();
  whenAborted(signal, () => endLast());
  const endLast = whenAborted(signal, () => seen.push('last'));
  controller.abort();
  expect(seen).toEqual(['task']);
  whenAborted(signal, () => seen.push('late'));
  whenAborted(undefined, task);
  expect(seen).toEqual(['task', 'late']);
});

test('a controller aborts with any of its signals, for the reason of the first', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const own = new AbortController();
  expect(abortWith(own, first.signal, undefined, second.signal)).toBe(own.signal);
  expect(own.signal.aborted).toBe(false);
  second.abort('second');
  first.abort('first');
  expect(own.signal.reason).toBe('second');
  expect(getEventListeners(first.signal, 'abort')).toHaveLength(0);
  expect(abortWith(new AbortController(), first.signal, second.signal).reason).toBe('first');
});
