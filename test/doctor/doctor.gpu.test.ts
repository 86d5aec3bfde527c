/** An examination on a real adapter: its self-test of every kernel, updates, the end, cancelling. */
import { afterAll, expect, test } from 'vitest';
import { attentionVariants, attentionVariantName } from '../../kernels/attention.ts';
import { gemmName } from '../../kernels/gemm.ts';
import { gemmVariants } from '../../kernels/gemm-variants.ts';
import { WEIGHT_FORMATS } from '../../kernels/weight-format.ts';
import { examineMachine } from '../../src/doctor/index.ts';
import type { MachineReport } from '../../src/doctor/report.ts';
import { openTestContext } from '../helpers/gpu.ts';

const context = await openTestContext();
afterAll(() => context.release());

test('tells of every kernel and variant of this adapter as it is tested, and ends with a verdict', async () => {
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

  const results = report.kernels.status === 'done' ? report.kernels.value.results : [];
  expect(results.filter((result) => !result.passed)).toEqual([]);
  const names = results.map((result) => result.name);
  expect(new Set(names).size).toBe(names.length);
  const spec = { items: 1, frames: 8, heads: 1, headSize: 30 };
  for (const kernel of [
    ...WEIGHT_FORMATS.flatMap((weights) =>
      gemmVariants(context.capabilities).map((variant) => gemmName(variant, weights)),
    ),
    ...attentionVariants(spec, context.capabilities).map(attentionVariantName),
    'attention_weights',
    'layer_norm',
    'conv0_layer_norm',
    'conv0_group_norm',
    'conv0_statistics',
    'conv0_merge',
    'elementwise',
    'mask_frames',
    'pos_conv_pack',
    'frame_mean',
    'frame_statistics',
    'glu',
    'unfold_frames',
    'pool_frames',
    'unpool_frames',
    'choose_codes',
    'gather_codes',
    'count_codes',
  ]) {
    expect(
      names.some((name) => name.startsWith(kernel)),
      kernel,
    ).toBe(true);
  }
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
