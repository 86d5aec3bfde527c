/** Planning without a GPU: grids, names and variants as pure data. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ACTIVATIONS } from '../../kernels/activation.ts';
import { attentionVariantName, attentionVariants, planAttention } from '../../kernels/attention.ts';
import { planConv0GroupNorm, planConv0LayerNorm } from '../../kernels/conv0.ts';
import { chooseGemm, planGemm } from '../../kernels/gemm.ts';
import { planLayerNorm } from '../../kernels/layer-norm.ts';
import { compare } from '../../kernels/reference/kernel-case.ts';
import { selfTestCases } from '../../kernels/self-test.ts';
import { gemmVariants } from '../../kernels/gemm-variants.ts';
import { WEIGHT_FORMATS } from '../../kernels/weight-format.ts';
import type { CallBuffer } from '../../src/gpu/run-call.ts';
import { adapter, callsFor, conv0, layerNorm, linear } from '../helpers/planned.ts';

const ADAPTERS = [4, 8, 16, 32, 64, undefined].map(adapter);

test.each([1, 60, 600])('no dimension of a dispatch passes its limit: %i s of audio', (seconds) => {
  for (const capabilities of ADAPTERS) {
    for (const channels of [5, 512, 1024]) {
      for (const { kernel, workgroups } of callsFor(capabilities, seconds, channels, 64)) {
        for (const count of workgroups) {
          expect(Number.isInteger(count), kernel.name).toBe(true);
          expect(count, kernel.name).toBeGreaterThan(0);
          expect(count, kernel.name).toBeLessThanOrEqual(65_535);
        }
      }
    }
  }
});

test('two kernels have the same name exactly when they are the same shader', () => {
  const calls = ADAPTERS.flatMap((capabilities) => [
    ...[5, 6, 64, 260].flatMap((headSize) => callsFor(capabilities, 1, 512, headSize)),
    ...callsFor(capabilities, 2, 36, 64),
    ...ACTIVATIONS.flatMap((activation) => [
      ...gemmVariants(capabilities).flatMap((variant) =>
        WEIGHT_FORMATS.map((weights) => planGemm(linear(9, 9, activation, weights), capabilities, variant)),
      ),
      planLayerNorm(layerNorm(3, 9, activation), capabilities),
      planConv0LayerNorm(conv0({ activation })),
      planConv0GroupNorm(conv0({ activation })),
    ]),
  ]);
  const sourceOf = new Map<string, string>();
  const nameOf = new Map<string, string>();
  for (const { kernel } of calls) {
    expect(sourceOf.get(kernel.name) ?? kernel.source, kernel.name).toBe(kernel.source);
    expect(nameOf.get(kernel.source) ?? kernel.name).toBe(kernel.name);
    sourceOf.set(kernel.name, kernel.source);
    nameOf.set(kernel.source, kernel.name);
  }
  expect(sourceOf.size).toBeGreaterThan(100);
});

describe('variants', () => {
  const attention = { items: 1, frames: 9, heads: 1, headSize: 64 };
  const familiesOf = (variants: readonly { readonly family: string }[]): readonly string[] =>
    variants.map((variant) => variant.family);

  test('subgroups of eight come first', () => {
    const capabilities = adapter(8);
    expect(familiesOf(gemmVariants(capabilities)).slice(0, 3)).toEqual(['subgroup', 'subgroup', 'shared']);
    expect(chooseGemm(linear(9, 9), capabilities).name).toBe('gemm_16x24_subgroup8');
  });

  test('attention: registers first on software adapters, workgroup memory elsewhere', () => {
    const names = (subgroupSize: number | undefined): readonly string[] =>
      attentionVariants(attention, adapter(subgroupSize)).map(attentionVariantName);
    for (const size of [4, 8])
      expect(names(size)).toEqual(['attention_32_register', 'attention_16x32_tiled']);
    for (const size of [16, 32, 64, undefined])
      expect(names(size)).toEqual(['attention_16x32_tiled', 'attention_128_register']);
  });

  test('four lanes take the register family', () => {
    const capabilities = adapter(4);
    expect(familiesOf(gemmVariants(capabilities))).toContain('subgroup');
    expect(chooseGemm(linear(9, 9), capabilities).name).toBe('gemm_16x32_register');
  });

  test.each([16, 32])('subgroups of %i come last', (subgroupSize) => {
    const capabilities = adapter(subgroupSize);
    expect(familiesOf(gemmVariants(capabilities)).indexOf('subgroup')).toBe(
      gemmVariants(capabilities).length - 1,
    );
    expect(chooseGemm(linear(9, 9), capabilities).family).toBe('shared');
  });

  test.each([64, undefined])('no subgroup kernels for a width of %s', (subgroupSize) => {
    const capabilities = adapter(subgroupSize);
    expect(familiesOf(gemmVariants(capabilities))).not.toContain('subgroup');
  });

  test('a GEMM takes the tile that wastes the fewest columns, and large tiles once they fill a GPU', () => {
    const name = (rows: number, columns: number, subgroupSize: number): string =>
      chooseGemm(linear(rows, columns), adapter(subgroupSize)).name;
    expect(name(9, 32, 8)).toBe('gemm_16x32_subgroup8');
    expect(name(9, 48, 8)).toBe('gemm_16x24_subgroup8');
    expect(name(64, 768, 32)).toBe('gemm_32x32x16_shared');
    expect(name(1024, 768, 32)).toBe('gemm_64x64x16_shared');
    expect(name(4096, 48, 32)).toBe('gemm_64x48x16_shared');
  });

  test('tiled attention needs workgroup memory and heads that fit; it takes small tiles until large ones fill a GPU', () => {
    const names = (frames: number, headSize: number, byteLength: number): readonly string[] => {
      const guaranteed = adapter(undefined);
      const limits = { ...guaranteed.limits, maxComputeWorkgroupStorageSize: byteLength };
      return attentionVariants({ items: 1, frames, heads: 12, headSize }, { ...guaranteed, limits }).map(
        attentionVariantName,
      );
    };
    const [small, large, fallback] = ['16x32_tiled', '32x32_tiled', '128_register'].map(
      (x) => `attention_${x}`,
    );
    expect(names(49, 64, 32_768)).toEqual([small, large, fallback]);
    expect(names(249, 64, 32_768)).toEqual([large, small, fallback]);
    expect(names(249, 64, 16_384)).toEqual([small, fallback]);
    expect(names(249, 64, 15_871)).toEqual([fallback]);
    expect(names(249, 128, 65_536)).toEqual([large, small, fallback]);
    expect(names(249, 129, 65_536)).toEqual([fallback]);
  });

  test('attention of large heads is several threads, each with a part of the sums', () => {
    const parts = [1, 64, 256, 260, 1024, 2000].map(
      (headSize) =>
        planAttention({ ...attention, heads: 3, headSize }, adapter(8)).workgroups[1] / attention.heads / 3,
    );
    expect(parts).toEqual([1, 1, 1, 2, 4, 8]);
  });
});

/** Comparing millions of elements one by one takes seconds. */
const digest = (content: CallBuffer): string | number =>
  typeof content === 'number'
    ? content
    : createHash('sha256')
        .update(new Uint8Array(content.buffer, content.byteOffset, content.byteLength))
        .digest('hex');

test('self-test cases are the same data every time', () => {
  const [first, second] = [selfTestCases(adapter(8)), selfTestCases(adapter(8))];
  expect(first.map((testCase) => testCase.name)).toEqual(second.map((testCase) => testCase.name));
  first.forEach(({ expected, buffers }, i) => {
    expect(buffers.map(digest)).toEqual(second[i]?.buffers.map(digest));
    const written = expected.filter((value) => !Number.isNaN(value));
    expect(written.some((value) => value !== 0)).toBe(true);
    // The reference is its own right answer, up to f32.
    expect(compare(Float32Array.from(expected), expected).nmse).toBeLessThan(1e-13);
  });
});

/**
 * WGSL clears such a variable in every round of its loop, but compilers (Tint and Naga both did) may clear it once
 * only: it then keeps the last round's value.
 */
test('no variable inside a block is declared without an initial value', () => {
  const folder = new URL('../../shaders/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.wgsl'));
  expect(files.length).toBeGreaterThan(10);
  for (const name of files) {
    let depth = 0;
    readFileSync(new URL(name, folder), 'utf8')
      .split('\n')
      .forEach((line, i) => {
        const code = line.replace(/\/\/.*/, '');
        if (depth > 1 && /\bvar \w+\s*:[^=]*;/.test(code)) expect.fail(`${name}:${i + 1}: ${line.trim()}`);
        depth += (code.match(/\{/g)?.length ?? 0) - (code.match(/\}/g)?.length ?? 0);
      });
    expect(depth, `${name}: unbalanced braces`).toBe(0);
  }
});
