/** The progress events of loading: their order, their numbers, and how many of them there are. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ProgressInfo } from '../../src/base/files.ts';
import { withProgress } from '../../src/files/progress.ts';
import { memoryFiles } from '../helpers/memory-files.ts';

const events: ProgressInfo[] = [];
const files = withProgress(
  memoryFiles({ 'config.json': 'ß', 'a.bin': new Uint8Array(1000), 'b.bin': new Uint8Array(3000) }),
  (info) => events.push(info),
);
const statuses = (): string[] => events.map(({ status }) => status);

beforeEach(() => {
  events.length = 0;
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('withProgress', () => {
  test('reports a small file at once, in bytes', async () => {
    expect(await files.readText('config.json')).toBe('ß');
    const name = 'memory';
    const file = 'config.json';
    const numbers = { progress: 100, loaded: 2, total: 2 };
    expect(events).toEqual([
      { status: 'initiate', name, file },
      { status: 'download', name, file },
      {
        status: 'progress_total',
        name,
        ...numbers,
        bytesPerSecond: 0,
        stage: 'download',
        files: { [file]: { loaded: 2, total: 2 } },
      },
      { status: 'progress', name, file, ...numbers },
      { status: 'done', name, file },
    ]);
  });

  test('reports nothing for files that are not there', async () => {
    expect(await files.readText('no.json')).toBeUndefined();
    expect(await files.open('no.bin')).toBeUndefined();
    expect(events).toEqual([]);
  });

  test('reports about ten times per second, and always the end', async () => {
    const loader = withProgress(memoryFiles({ 'a.bin': new Uint8Array(1000) }), (info) => events.push(info));
    const source = await loader.open('a.bin');
    for (let offset = 0; offset < 1000; offset++) {
      await source?.read(offset, 1);
      vi.advanceTimersByTime(1);
    }
    const percents = events
      .filter(({ status }) => status === 'progress')
      .map((info) => 'progress' in info && info.progress);
    expect(percents).toEqual([0.1, 10.1, 20.1, 30.1, 40.1, 50.1, 60.1, 70.1, 80.1, 90.1, 100]);
    expect(statuses().at(-1)).toBe('done');
    await source?.read(0, 1000);
    expect(statuses().filter((status) => status === 'done')).toHaveLength(1);
  });

  test('sums over files', async () => {
    const loader = withProgress(
      memoryFiles({ 'a.bin': new Uint8Array(1000), 'b.bin': new Uint8Array(3000) }),
      (info) => events.push(info),
    );
    await (await loader.open('a.bin'))?.read(0, 1000);
    await (await loader.open('b.bin'))?.read(0, 3000);
    expect(events.filter(({ status }) => status === 'progress_total').at(-1)).toEqual({
      status: 'progress_total',
      name: 'memory',
      progress: 100,
      loaded: 4000,
      total: 4000,
      bytesPerSecond: 0,
      stage: 'download',
      files: { 'a.bin': { loaded: 1000, total: 1000 }, 'b.bin': { loaded: 3000, total: 3000 } },
    });
  });

  test('reports files with unread parts as done when the load is finished, and only then', async () => {
    const loader = withProgress(memoryFiles({ 'a.bin': new Uint8Array(1000) }), (info) => events.push(info));
    const source = await loader.open('a.bin');
    await source?.read(0, 500);
    await source?.close();
    expect(statuses()).not.toContain('done');
    loader.finish();
    loader.finish();
    expect(statuses().slice(-3)).toEqual(['progress_total', 'progress', 'done']);
    expect(statuses().filter((status) => status === 'done')).toHaveLength(1);
  });

  test('tells the rate over the last two seconds', async () => {
    const loader = withProgress(memoryFiles({ 'a.bin': new Uint8Array(10_000) }), (info) =>
      events.push(info),
    );
    const source = await loader.open('a.bin');
    // Two seconds slowly, then three fast.
    for (let second = 0; second < 5; second++) {
      vi.advanceTimersByTime(1000);
      await source?.read(0, second < 2 ? 100 : 500);
    }
    const rates = events.flatMap((info) => (info.status === 'progress_total' ? [info.bytesPerSecond] : []));
    expect(rates).toEqual([0, 100, 300, 500, 500]);
  });

  test('tells a stage once, with the numbers as they are', async () => {
    const loader = withProgress(memoryFiles({ 'a.bin': new Uint8Array(1000) }), (info) => events.push(info));
    await (await loader.open('a.bin'))?.read(0, 1000);
    events.length = 0;
    loader.setStage('compile');
    loader.setStage('compile');
    expect(events).toMatchObject([
      { status: 'progress_total', stage: 'compile', loaded: 1000, total: 1000, progress: 100 },
    ]);
  });

  test('counts no bytes of a failed read', async () => {
    const loader = withProgress(memoryFiles({ 'a.bin': new Uint8Array(10) }), (info) => events.push(info));
    const source = await loader.open('a.bin');
    await expect(source?.read(0, 10, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(statuses()).toEqual(['initiate', 'download']);
  });
});
