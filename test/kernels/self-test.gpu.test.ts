import { afterAll, expect, test } from 'vitest';
import { attentionVariants, attentionVariantName } from '../../kernels/attention.ts';
import { gemmName } from '../../kernels/gemm.ts';
import { gemmVariants } from '../../kernels/gemm-variants.ts';
import { runSelfTest } from '../../kernels/self-test.ts';
import { WEIGHT_FORMATS } from '../../kernels/weight-format.ts';
import { openTestContext } from '../helpers/gpu.ts';

const context = await openTestContext();
afterAll(() => context.release());

test('every kernel and variant of this adapter gives the known answer', async () => {
  const results = await runSelfTest(context);
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
  ]) {
    expect(
      names.some((name) => name.startsWith(kernel)),
      kernel,
    ).toBe(true);
  }
});
