import { expect, test } from 'vitest';
import type { ProgressInfo } from '../../src/base/files.ts';
import { joinProgress } from '../../src/pipelines/joined-progress.ts';
import { withProgress } from '../../src/files/progress.ts';
import { memoryFiles } from '../helpers/memory-files.ts';

test('reports two loads of the same folder as one', async () => {
  const events: ProgressInfo[] = [];
  const next = joinProgress((info) => events.push(info));
  const files = memoryFiles({ shared: 'x'.repeat(10), first: 'x'.repeat(20), second: 'x'.repeat(70) });
  const one = withProgress(files, next());
  const other = withProgress(files, next());
  await one.readText('shared');
  await other.readText('second');
  await other.readText('shared');
  await one.readText('first');

  const of = (file: string) =>
    events.flatMap((info) => ('file' in info && info.file === file ? [info.status] : []));
  for (const file of ['shared', 'first', 'second'])
    expect(of(file)).toEqual(['initiate', 'download', 'progress', 'done']);
  const totals = events.filter((info) => info.status === 'progress_total');
  expect(totals.map(({ loaded }) => loaded)).toEqual([10, 80, 80, 100]);
  expect(totals.at(-1)).toMatchObject({ progress: 100, total: 100 });
  expect(Object.keys(totals.at(-1)?.files ?? {}).sort()).toEqual(['first', 'second', 'shared']);
});

test('passes on a warning that two loads give once, and one that comes again later as well', () => {
  const events: ProgressInfo[] = [];
  const next = joinProgress((info) => events.push(info));
  const [one, other] = [next(), next()];
  const full: ProgressInfo = { status: 'warning', name: 'm', code: 'cache-full', message: 'full' };
  const rebuilt: ProgressInfo = { status: 'warning', name: 'm', code: 'device-rebuilt', message: 'rebuilt' };
  one(full);
  other(full);
  other(rebuilt);
  other(rebuilt);
  expect(events).toEqual([full, rebuilt, rebuilt]);
});

test('is at the stage of the load that is furthest', async () => {
  const stages: unknown[] = [];
  const next = joinProgress((info) => info.status === 'progress_total' && stages.push(info.stage));
  const files = memoryFiles({ first: 'x', second: 'x' });
  const one = withProgress(files, next());
  const other = withProgress(files, next());
  await one.readText('first');
  one.setStage('compile');
  await other.readText('second');
  one.setStage('check');
  expect(stages).toEqual(['download', 'compile', 'compile', 'check']);
});
