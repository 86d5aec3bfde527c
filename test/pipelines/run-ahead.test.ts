/** Work that begins before the last has ended: order, errors, and nothing left behind. */
import { describe, expect, test } from 'vitest';
import { readAhead } from '../../src/pipelines/read-ahead.ts';
import { runAhead } from '../../src/pipelines/run-ahead.ts';
import { listOf, oneByOne } from '../helpers/async-lists.ts';

const never = (): void => {
  throw new Error('nothing was left early');
};
const soon = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('runAhead', () => {
  test('keeps the order, with two runs under way and no more', async () => {
    let running = 0;
    let most = 0;
    const run = async (item: number): Promise<number> => {
      most = Math.max(most, ++running);
      await soon(item % 2 === 0 ? 4 : 1);
      running -= 1;
      return 10 * item;
    };
    expect(await listOf(runAhead(oneByOne([1, 2, 3, 4, 5]), run, never))).toEqual([10, 20, 30, 40, 50]);
    expect(most).toBe(2);
  });

  test('a run is under way while a result is used, also where that takes longer than the run', async () => {
    let running = 0;
    const run = async (item: number): Promise<number> => {
      running += 1;
      await soon(1);
      running -= 1;
      return item;
    };
    const begun: number[] = [];
    for await (const _ of runAhead(oneByOne([1, 2, 3, 4, 5, 6]), run, never)) {
      begun.push(running);
      await soon(8);
    }
    // Behind the last two there is nothing left to run.
    expect(begun).toEqual([1, 1, 1, 1, 1, 0]);
  });

  test('a result does not wait for a slow source', async () => {
    let go: () => void = never;
    async function* source(): AsyncGenerator<number> {
      yield 1;
      await new Promise<void>((resolve) => (go = resolve));
      yield 2;
    }
    const results = runAhead(source(), (item) => Promise.resolve(item), never);
    expect((await results.next()).value).toBe(1);
    go();
    expect((await results.next()).value).toBe(2);
  });

  test('an error of the source comes behind the results of what was read before', async () => {
    async function* source(): AsyncGenerator<number> {
      yield await Promise.resolve(1);
      throw new Error('damaged');
    }
    const results = runAhead(source(), async (item) => soon(3).then(() => item), never);
    expect((await results.next()).value).toBe(1);
    await expect(results.next()).rejects.toThrow('damaged');
  });

  test('left early, or after an error of a run: the runs have ended and the source is closed', async () => {
    for (const fails of [false, true]) {
      const log: string[] = [];
      const run = async (item: number): Promise<number> => {
        await soon(3);
        log.push(`ran ${item}`);
        if (fails) throw new Error('failed');
        return item;
      };
      const source = oneByOne([1, 2, 3, 4, 5, 6], () => log.push('closed'));
      const loop = async (): Promise<void> => {
        for await (const result of runAhead(source, run, () => log.push('stop'))) if (result === 1) break;
      };
      await (fails ? expect(loop()).rejects.toThrow('failed') : loop());
      expect(log[0]).toBe('ran 1');
      expect(log).toContain('stop');
      expect(log.at(-1)).toBe('closed');
      expect(log.length).toBeLessThan(6);
    }
  });
});

describe('readAhead', () => {
  const same = <Item>(source: AsyncIterable<Item>): AsyncIterable<Item> => source;

  test('one source after the other, with the next ones opened meanwhile', async () => {
    const log: string[] = [];
    function* sources(): Generator<AsyncIterable<string>> {
      for (const name of ['a', 'b', 'c', 'd']) {
        log.push(name);
        yield oneByOne([`${name}1`, `${name}2`]);
      }
    }
    const items = readAhead(sources(), same, 1, never);
    expect((await items.next()).value).toBe('a1');
    expect(log).toEqual(['a', 'b']);
    expect(await listOf(items)).toEqual(['a2', 'b1', 'b2', 'c1', 'c2', 'd1', 'd2']);
  });

  test('left early, all that were opened are closed', async () => {
    const closed: string[] = [];
    const sources = ['a', 'b', 'c'].map((name) => oneByOne([1, 2], () => closed.push(name)));
    let stopCount = 0;
    for await (const _ of readAhead(sources, same, 1, () => (stopCount += 1))) break;
    expect(closed).toEqual(['a', 'b']);
    expect(stopCount).toBe(1);
  });

  test('an error of a later source waits for its turn', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield* [];
      await Promise.resolve();
      throw new Error('broken');
    }
    const items = readAhead([oneByOne([1, 2]), broken()], same, 1, () => undefined);
    expect((await items.next()).value).toBe(1);
    await soon(2);
    expect((await items.next()).value).toBe(2);
    await expect(items.next()).rejects.toThrow('broken');
  });

  test('sources that come slowly hold up nothing that is open, and one that never comes no end', async () => {
    const log: string[] = [];
    let come = (): void => undefined;
    async function* sources(): AsyncGenerator<AsyncIterable<string>> {
      try {
        yield oneByOne(['a1', 'a2']);
        await new Promise<void>((resolve) => (come = resolve));
        yield oneByOne(['b1']);
        await new Promise<void>((resolve) => (come = resolve));
      } finally {
        log.push('closed');
      }
    }
    const items = readAhead(sources(), same, 1, () => log.push('stop'));
    expect([(await items.next()).value, (await items.next()).value]).toEqual(['a1', 'a2']);
    const next = items.next();
    await soon(2);
    come();
    expect((await next).value).toBe('b1');
    await items.return();
    expect(log).toEqual(['stop']);
    come();
    await soon(2);
    expect(log).toEqual(['stop', 'closed']);
  });

  test('a list that fails does so behind what it gave', async () => {
    function* sync(): Generator<AsyncIterable<number>> {
      yield oneByOne([1]);
      throw new Error('no more');
    }
    async function* later(): AsyncGenerator<AsyncIterable<number>> {
      yield* sync();
      await Promise.resolve();
    }
    for (const sources of [sync(), later()]) {
      const items = readAhead(sources, same, 1, never);
      expect((await items.next()).value).toBe(1);
      await expect(items.next()).rejects.toThrow('no more');
    }
  });
});
