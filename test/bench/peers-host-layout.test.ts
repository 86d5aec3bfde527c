/** Layouts that the peers' weights are brought into, and the folded weight norm. */
import { describe, expect, test } from 'vitest';
import {
  convolution,
  foldWeightNorm,
  groupedConvolution,
  matrix,
  permute,
  reshape,
} from '../../bench/peers/host-layout.ts';
import type { HostTensor } from '../../bench/peers/engine.ts';

const counted = (...dims: readonly number[]): HostTensor => ({
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i),
});
const numbers = ({ data }: HostTensor): readonly number[] => [...data];

describe('layouts of the peers', () => {
  test('moves axes', () => {
    const moved = permute(counted(2, 3, 4), [2, 0, 1]);
    expect(moved.dims).toEqual([4, 2, 3]);
    for (let a = 0; a < 2; a++)
      for (let b = 0; b < 3; b++)
        for (let c = 0; c < 4; c++) expect(moved.data[(c * 2 + a) * 3 + b]).toBe((a * 3 + b) * 4 + c);
  });

  test('leaves axes of length 1 where they make no difference', () => {
    expect(numbers(permute(counted(1, 3, 1), [2, 1, 0]))).toEqual([0, 1, 2]);
  });

  test('transposes matrices', () => {
    expect(matrix(counted(2, 3))).toEqual({ dims: [3, 2], data: Float32Array.of(0, 3, 1, 4, 2, 5) });
  });

  test('puts the positions of a kernel before its inputs', () => {
    // [outputs 1, inputs 2, kernel 3]
    expect(convolution(counted(1, 2, 3))).toEqual({ dims: [6, 1], data: Float32Array.of(0, 3, 1, 4, 2, 5) });
  });

  test('keeps the groups of a grouped convolution apart', () => {
    // [outputs 4, inputs of a group 1, kernel 2] in two groups
    expect(groupedConvolution(counted(4, 1, 2), 2)).toEqual({
      dims: [2, 2, 2],
      data: Float32Array.of(0, 2, 1, 3, 4, 6, 5, 7),
    });
  });

  test('folds the weight norm over all but the position', () => {
    const v = { dims: [2, 1, 2], data: Float32Array.of(3, 0, 4, 2) };
    const g = { dims: [1, 1, 2], data: Float32Array.of(10, 3) };
    expect(numbers(foldWeightNorm(g, v))).toEqual([6, 0, 8, 3]);
  });

  test('refuses dimensions that the elements do not fill', () => {
    expect(() => reshape(counted(2, 3), [4])).toThrow('6 elements do not fill [4]');
  });
});
