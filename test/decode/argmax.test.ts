import { describe, expect, test } from 'vitest';
import { argmaxRows } from '../../src/decode/argmax.ts';

describe('argmaxRows', () => {
  test('takes the first of equal maxima, and copes with infinities', () => {
    const logits = Float32Array.of(1, 3, 3, -5, -5, -6, -Infinity, -Infinity, -Infinity, 0, Infinity, 1);
    expect([...argmaxRows(logits, 4, 3)]).toEqual([1, 0, 0, 1]);
  });

  test('gives nothing for no rows', () => {
    expect(argmaxRows(new Float32Array(0), 0, 32)).toHaveLength(0);
  });

  test('refuses NaN rows and data of another shape', () => {
    for (const row of [
      [NaN, NaN],
      [NaN, 1],
      [1, NaN],
    ])
      expect(() => argmaxRows(Float32Array.of(0, 1, ...row), 2, 2)).toThrow('frame 1 are not numbers');
    expect(() => argmaxRows(new Float32Array(5), 2, 3)).toThrow('need 6 values');
  });
});
