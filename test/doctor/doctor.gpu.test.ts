/** An examination on a real adapter: updates, the end, cancelling. */
import { expect, test } from 'vitest';
import { examineMachine } from '../../src/doctor/index.ts';
import type { MachineReport } from '../../src/doctor/report.ts';
import '../helpers/gpu.ts';

test('tells of every kernel as it is tested, and ends with a verdict', async () => {
  const updates: MachineReport[] = [];
  const report = await examineMachine({ onUpdate: (update) => updates.push(update) });
  expect(report.verdict.level).toMatch(/^(yes|slow)$/);
  for (const part of ['runtime', 'adapter', 'device', 'limits', 'models', 'kernels', 'speed'] as const)
    expect(report[part].status, part).toBe('done');
  expect(report.storage.status).toBe('skipped');
  const tested = updates.flatMap(({ kernels }) =>
    kernels.status === 'running' ? kernels.value.results.length : [],
  );
  expect(tested).toEqual(tested.map((_, index) => index));
  expect(report.kernels.status === 'done' && report.kernels.value.results.length).toBe(tested.length);
  expect(updates.at(-1)).toEqual(report);
});

test('a signal ends it between two kernels', async () => {
  const stop = new AbortController();
  let testedCount = 0;
  const examination = examineMachine({
    signal: stop.signal,
    onUpdate({ kernels }) {
      if (kernels.status !== 'running') return;
      testedCount = kernels.value.results.length;
      if (testedCount === 1) stop.abort(new Error('enough'));
    },
  });
  await expect(examination).rejects.toThrow('enough');
  expect(testedCount).toBe(1);
});

test('unknown options are refused', async () => {
  await expect(examineMachine({ on_update: () => undefined } as object)).rejects.toThrow('"on_update"');
});
