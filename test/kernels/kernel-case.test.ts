/** What stands behind the buffers of a kernel case. */
import { expect, test } from 'vitest';
import { compare, isRight, kernelCase, UNUSED } from '../../kernels/reference/kernel-case.ts';
import { selfTestCases } from '../../kernels/self-test.ts';
import { planLayerNorm } from '../../kernels/layer-norm.ts';
import { adapter, layerNorm } from '../helpers/planned.ts';

const capabilities = adapter(8);
/** Elements that spoil the answer of a kernel that reads or writes them. */
const GUARDS = 16;
const INTEGER_GUARD = 0xffffffff;

test('every buffer ends with guards, of floats and of integers, and so does the answer', () => {
  const call = planLayerNorm(layerNorm(1, 4), capabilities);
  // Parts of longer memory: only the part is the content.
  const floats = Float32Array.of(9, 1, 2, 3).subarray(1);
  const integers = Uint32Array.of(9, 4, 5).subarray(1);
  const { buffers, expected, name } = kernelCase(call, [floats, integers], Float64Array.of(6, 7));
  expect(name).toBe('layer_norm_gelu');
  expect(buffers).toEqual([
    Float32Array.of(1, 2, 3, ...Array<number>(GUARDS).fill(NaN)),
    Uint32Array.of(4, 5, ...Array<number>(GUARDS).fill(INTEGER_GUARD)),
    2 + GUARDS,
  ]);
  expect(expected).toEqual(Float64Array.of(6, 7, ...Array<number>(GUARDS).fill(NaN)));
  expect(UNUSED).toEqual(new Float32Array(GUARDS).fill(NaN));
});

test('every case of the self-test has them', () => {
  for (const { name, buffers, expected } of selfTestCases(capabilities)) {
    const written = buffers.filter((content) => typeof content === 'number');
    expect(written, name).toEqual([expected.length]);
    expect([...expected.slice(-GUARDS)].every(Number.isNaN), name).toBe(true);
    for (const content of buffers) {
      if (typeof content === 'number') continue;
      expect(
        [...content.slice(-GUARDS)].every((value) => Number.isNaN(value) || value === INTEGER_GUARD),
        name,
      ).toBe(true);
    }
  }
});

test('a kernel that writes one element too far is wrong', () => {
  const call = planLayerNorm(layerNorm(1, 4), capabilities);
  const { expected } = kernelCase(call, [], Float64Array.of(6, 7));
  const written = Float32Array.from(expected);
  expect(isRight(compare(written, expected))).toBe(true);
  written[2] = 0;
  expect(isRight(compare(written, expected))).toBe(false);
});
