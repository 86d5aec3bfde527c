import { expect, test } from 'vitest';
import { inTurns, SharedTurns } from '../../src/base/turns.ts';

test('tasks run one after another, in order, also behind one that failed', async () => {
  const enqueue = inTurns();
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} ends`);
    if (name === 'b') throw new Error('b failed');
    return name;
  };
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => enqueue(task(name))));
  expect(log).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(results[2]).toMatchObject({ value: 'c' });
});

/** Tasks that end when they are told to, and what began and ended. */
function watched() {
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const task = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise<void>((resolve) => ends.set(name, resolve));
    log.push(`${name} ends`);
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { log, task, end };
}

test('calls run side by side, and a change between those before it and those after it', async () => {
  const { log, task, end } = watched();
  const turns = new SharedTurns();
  const all = [turns.call(task('a')), turns.call(task('b'))];
  expect(log).toEqual(['a begins', 'b begins']);
  all.push(
    turns.change(task('first')),
    turns.call(task('c')),
    turns.change(task('second')),
    turns.call(task('d')),
  );
  for (const name of ['b', 'a', 'first', 'c', 'second', 'd']) await end(name);
  expect(log.slice(2)).toEqual([
    ...['b ends', 'a ends', 'first begins', 'first ends', 'c begins', 'c ends'],
    ...['second begins', 'second ends', 'd begins', 'd ends'],
  ]);
  await Promise.all(all);
  // With nothing to wait for, a call begins at once.
  const last = turns.call(task('e'));
  expect(log.at(-1)).toBe('e begins');
  await end('e');
  await last;
});

test('a change that fails or waits no longer lets nobody pass what came before it', async () => {
  const { log, task, end } = watched();
  const turns = new SharedTurns();
  const failed = turns.change(() => Promise.reject(new Error('no')));
  await expect(failed).rejects.toThrow('no');
  const change = turns.change(task('change'));
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(turns.change(task('aborted'), signal)).rejects.toThrow('enough');
  await expect(turns.call(task('aborted'), signal)).rejects.toThrow('enough');
  const call = turns.call(task('call'));
  await end('none');
  expect(log).toEqual(['change begins']);
  await end('change');
  await end('call');
  await Promise.all([change, call]);
  expect(log).toEqual(['change begins', 'change ends', 'call begins', 'call ends']);
});

test('a change does not wait for a loop, which may wait for it', async () => {
  const { log, task, end } = watched();
  const turns = new SharedTurns();
  const leave = await turns.holdLoop();
  const refused = {
    code: 'busy',
    message: expect.stringMatching(/^it was called while a loop over stream/) as string,
  };
  await expect(turns.change(task('change'), undefined, 'it')).rejects.toMatchObject(refused);
  leave();
  const change = turns.change(task('change'));
  // One that waits for its turn counts, and one that no longer waits does not.
  const abort = new AbortController();
  const waiting = turns.holdLoop(abort.signal);
  await expect(turns.change(task('other'), undefined, 'it')).rejects.toMatchObject(refused);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await end('none');
  await end('change');
  await change;
  expect(log).toEqual(['change begins', 'change ends']);
});
