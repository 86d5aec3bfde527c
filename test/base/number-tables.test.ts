/** Tables of whole numbers that callers pass. */
import { describe, expect, test } from 'vitest';
import { flatMask, integerList, integerRows, maskRows } from '../../src/base/number-tables.ts';
import { Tensor } from '../../src/base/tensor.ts';

describe('masks', () => {
  test.each([
    [
      'numbers',
      [
        [1, 0],
        [1, 1],
      ],
    ],
    ['bigints', [[1n, 0n], new BigInt64Array([1n, 1n])]],
    ['booleans', [[true, false], Uint8Array.of(1, 1)]],
    ['an int64 tensor', new Tensor('int64', new BigInt64Array([1n, 0n, 1n, 1n]), [2, 2])],
  ])('of %s', (_, mask) => {
    expect(maskRows(mask, 'attention_mask')).toEqual([Uint8Array.of(1, 0), Uint8Array.of(1, 1)]);
  });

  test.each([
    [
      'one dimension',
      new Tensor('int32', new Int32Array(4), [4]),
      /^attention_mask is a tensor of type int32 and dims \[4\], but it must be a tensor \[rows, columns\] or a list of lists/,
    ],
    ['a number', 5, /^attention_mask is 5/],
    ['a row that is none', [[1], 7], /^Row 1 of attention_mask is 7/],
    ['holes', new Array<number[]>(2), /^Row 0 of attention_mask is undefined/],
    ['a two', [[1, 2]], /^Entry 1 of row 0 of attention_mask is 2, but it must be zero or one/],
    ['a text', [['1']], /^Entry 0 of row 0 of attention_mask is "1"/],
  ])('refuses %s', (_, mask, message) => {
    expect(() => maskRows(mask, 'attention_mask')).toThrow(message);
  });
});

describe('masks of a given shape', () => {
  test('lie in one array', () => {
    const mask = [[1, 0, 0], Uint8Array.of(0, 1, 1)];
    expect(flatMask(mask, 'mask', 2, 3)).toEqual(Uint8Array.of(1, 0, 0, 0, 1, 1));
  });

  test.each([
    ['rows', [[1, 0]], 'mask must have the shape [2, 2] (batch, frames), but it has 1 rows.'],
    ['entries', [[1, 0], [1]], 'mask must have the shape [2, 2] (batch, frames), but it has a row of 1.'],
  ])('are refused with a wrong number of %s', (_, mask, message) => {
    expect(() => flatMask(mask, 'mask', 2, 2)).toThrow(message);
  });
});

describe('ids', () => {
  test.each([
    ['numbers', [[7, -100], [3]]],
    ['bigints', [[7n, -100n], BigInt64Array.of(3n)]],
    ['typed arrays', [Int32Array.of(7, -100), [3]]],
  ])('of %s, in rows of any lengths', (_, rows) => {
    expect(integerRows(rows, 'labels')).toEqual([Int32Array.of(7, -100), Int32Array.of(3)]);
  });

  test.each([
    ['int32', new Tensor('int32', Int32Array.of(1, 2, 3, 4), [2, 2])],
    ['int64', new Tensor('int64', BigInt64Array.of(1n, 2n, 3n, 4n), [2, 2])],
  ])('of an %s tensor', (_, tensor) => {
    expect(integerRows(tensor, 'labels')).toEqual([Int32Array.of(1, 2), Int32Array.of(3, 4)]);
    expect(integerList(tensor, 'labels')).toEqual(Int32Array.of(1, 2, 3, 4));
  });

  test.each([
    ['a text', 'abc', 'labels is "abc", but it must be a tensor [rows, columns] or a list of lists.'],
    ['one dimension', [1, 2], 'Row 0 of labels is 1, but it must be a list of whole numbers.'],
    ['holes', new Array<number[]>(1), 'Row 0 of labels is undefined'],
    [
      'a half',
      [[1, 0.5]],
      'Entry 1 of row 0 of labels is 0.5, but it must be a whole number of at most 32 bits.',
    ],
    ['NaN', [[NaN]], 'Entry 0 of row 0 of labels is NaN'],
    ['33 bits', [[2 ** 32]], 'Entry 0 of row 0 of labels is 4294967296'],
    ['64 bits', [[2n ** 64n]], 'Entry 0 of row 0 of labels is a bigint beyond 64 bits'],
    ['truth', [[true]], 'Entry 0 of row 0 of labels is true'],
    [
      'floats',
      [Float32Array.of(1)],
      'Row 0 of labels is a Float32Array, but it must be a list of whole numbers.',
    ],
    [
      'a float32 tensor',
      new Tensor('float32', Float32Array.of(1), [1, 1]),
      'Row 0 of labels is a Float32Array',
    ],
  ])('cannot be %s', (_, table, message) => {
    expect(() => integerRows(table, 'labels')).toThrow(message);
  });

  test.each([
    ['a text', 'abc', 'labels is "abc", but it must be a list of whole numbers.'],
    ['a half', [1, 0.5], 'Entry 1 of labels is 0.5'],
    ['a list in the list', [[1]], 'Entry 0 of labels is an array of 1'],
  ])('in one list cannot be %s', (_, list, message) => {
    expect(() => integerList(list, 'labels')).toThrow(message);
  });
});
