/** What planners choose where subgroups are as narrow as a processor's registers, and on GPUs. */
import { describe, expect, test } from 'vitest';
import { attentionVariantName, attentionVariants } from '../../kernels/attention.ts';
import { chooseGemm } from '../../kernels/gemm.ts';
import { rowVariants } from '../../kernels/gemm-variants.ts';
import { adapter, linear } from '../helpers/planned.ts';

describe('adapters by the width of their subgroups', () => {
  const attention = { items: 1, frames: 9, heads: 1, headSize: 64 };
  const choices = (subgroupSize: number | undefined) => {
    const capabilities = adapter(subgroupSize);
    const [first] = attentionVariants(attention, capabilities);
    return {
      gemm: chooseGemm(linear(9, 32), capabilities).name,
      rows: rowVariants(capabilities)[0]?.name,
      attention: first && attentionVariantName(first),
    };
  };

  test.each([
    [4, 'gemm_16x32_register'],
    [8, 'gemm_16x32_subgroup8'],
  ])('narrow, %s lanes', (subgroupSize, gemm) => {
    expect(choices(subgroupSize)).toEqual({ gemm, rows: gemm, attention: 'attention_32_register' });
  });

  test.each([undefined, 16, 32])('wide or unknown: %s', (subgroupSize) => {
    expect(choices(subgroupSize)).toEqual({
      gemm: 'gemm_32x32x16_shared',
      rows: 'gemm_32x256x8_shared',
      attention: 'attention_16x32_tiled',
    });
  });
});
