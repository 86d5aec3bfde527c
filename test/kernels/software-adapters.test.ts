/** What planners choose on software adapters and on GPUs. */
import { describe, expect, test } from 'vitest';
import { attentionVariantName, attentionVariants } from '../../kernels/attention.ts';
import { chooseGemm } from '../../kernels/gemm.ts';
import { rowVariants } from '../../kernels/gemm-variants.ts';
import { adapter, linear } from '../helpers/planned.ts';

describe('software adapters and GPUs of any subgroup width', () => {
  const attention = { items: 1, frames: 9, heads: 1, headSize: 64 };
  const choices = (subgroupSize: number | undefined, isSoftware: boolean) => {
    const capabilities = { ...adapter(subgroupSize), isSoftware };
    const [first] = attentionVariants(attention, capabilities);
    return {
      gemm: chooseGemm(linear(9, 32), capabilities).name,
      rows: rowVariants(capabilities)[0]?.name,
      attention: first && attentionVariantName(first),
    };
  };

  test.each([
    [undefined, 'gemm_16x32_register'],
    [4, 'gemm_16x32_register'],
    [8, 'gemm_16x32_subgroup8'],
  ])('software, subgroups of %s', (subgroupSize, gemm) => {
    expect(choices(subgroupSize, true)).toEqual({ gemm, rows: gemm, attention: 'attention_32_register' });
  });

  test.each([undefined, 4, 8, 32])('a GPU, subgroups of %s', (subgroupSize) => {
    expect(choices(subgroupSize, false)).toEqual({
      gemm: 'gemm_32x32x16_shared',
      rows: 'gemm_32x256x8_shared',
      attention: 'attention_16x32_tiled',
    });
  });
});
