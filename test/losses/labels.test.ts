/** What a call may pass for its loss, and the sentence for everything else. */
import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import {
  readClassLabels,
  readFrameLabels,
  readNegativeIndices,
  readTextLabels,
} from '../../src/losses/labels.ts';

describe('labels of texts', () => {
  test('are a row for each item', () => {
    const rows = [Int32Array.of(1, 31, -100), Int32Array.of(0)];
    expect(readTextLabels([[1, 31, -100], [0]], 2, 32)).toEqual(rows);
  });

  test.each([
    [[[1]], 'labels has 1 rows, but the batch has 2 items.'],
    [[[1], [2, 32]], 'Entry 1 of row 1 of labels is 32, but it must be below vocab_size, 32.'],
    ['yes', 'labels is "yes", but it must be a tensor [rows, columns] or a list of lists.'],
  ])('are not %j', (labels, message) => {
    expect(() => readTextLabels(labels, 2, 32)).toThrow(message);
  });
});

describe('labels of classes', () => {
  test.each([
    ['numbers', [1, -100]],
    ['bigints', [1n, -100n]],
    ['a typed array', BigInt64Array.of(1n, -100n)],
    ['a tensor [items]', new Tensor('int64', BigInt64Array.of(1n, -100n), [2])],
    ['a tensor [items, 1]', new Tensor('int32', Int32Array.of(1, -100), [2, 1])],
  ])('are %s', (_, labels) => {
    expect(readClassLabels(labels, 2, 3)).toEqual(Int32Array.of(1, -100));
  });

  test.each([
    [[1], 'labels has 1 entries, but the batch has 2 items.'],
    [[0, 3], 'Entry 1 of labels is 3, but it must be a class, from 0 to 2.'],
    [[0, -1], 'Entry 1 of labels is -1, but it must be a class, from 0 to 2.'],
    [[0, 0.5], 'Entry 1 of labels is 0.5, but it must be a whole number of at most 32 bits.'],
    [Float32Array.of(0, 1), 'labels is a Float32Array, but it must be a list of whole numbers.'],
    [1, 'labels is 1, but it must be a list of whole numbers.'],
  ])('are not %j', (labels, message) => {
    expect(() => readClassLabels(labels, 2, 3)).toThrow(message);
  });
});

describe('labels of frames', () => {
  const dims = [2, 2, 3] as const;
  const flat = [0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0];
  const lists = [
    [
      [0, 1, 0],
      [0, 0, 1],
    ],
    [
      [1, 0, 1],
      [0, 0, 0],
    ],
  ];

  test.each([
    ['nested lists', lists],
    ['a tensor of whole numbers', new Tensor('int64', BigInt64Array.from(flat, BigInt), dims)],
    ['a tensor of floats', new Tensor('float32', Float32Array.from(flat), dims)],
  ])('are %s; the first of the largest entries is the class', (_, labels) => {
    expect(readFrameLabels(labels, dims)).toEqual(Int32Array.of(1, 2, 0, 0));
  });

  test.each([
    [lists.slice(1), 'labels is an array of 1, but it must be of dims [2, 2, 3].'],
    [
      new Tensor('int32', new Int32Array(12), [2, 3, 2]),
      'and dims [2, 3, 2], but it must be of dims [2, 2, 3].',
    ],
    [lists.map((rows) => rows.map((row) => row.slice(1))), 'but it must be of dims [2, 2, 3].'],
    [
      new Tensor(
        'float32',
        Float32Array.from(flat, (value) => value / 2),
        dims,
      ),
      'Entry 1 of row 0 of labels is 0.5, but it must be zero or one.',
    ],
  ])('are not %o', (labels, message) => {
    expect(() => readFrameLabels(labels, dims)).toThrow(message);
  });
});

describe('negatives', () => {
  const flat = Int32Array.of(0, 1, 2, 3, 3, 2, 1, 0);
  const lists = [
    [
      [0, 1],
      [2, 3],
    ],
    [[3, 2], Int32Array.of(1, 0)],
  ];

  test.each([
    ['a tensor', new Tensor('int64', BigInt64Array.from(flat, BigInt), [2, 2, 2])],
    ['lists', lists],
  ])('are %s', (_, indices) => {
    expect(readNegativeIndices(indices, 2, 2)).toEqual(new Tensor('int32', flat, [2, 2, 2]));
  });

  const withLast = (...last: readonly unknown[]) => [
    [[0], [1]],
    [[2], last],
  ];
  const SHAPE = /^sampled_negative_indices is .*, but it must be of dims \[2, 2, negatives of a frame\]\.$/;
  test.each([
    ['of two dimensions', new Tensor('int32', flat, [2, 4]), SHAPE],
    ['of another batch', new Tensor('int32', flat, [4, 1, 2]), SHAPE],
    ['none', new Tensor('int32', new Int32Array(), [2, 2, 0]), SHAPE],
    ['a different number in a frame', withLast(1, 2), SHAPE],
    ['a different number in an item', [[[0], [1]], [[0]]], SHAPE],
    ['a number', 3, SHAPE],
    [
      'a frame that is none',
      withLast(4),
      /^An entry of sampled_negative_indices is 4, but it must be a frame of the batch, from 0 to 3\.$/,
    ],
    ['a frame from the end', withLast(-1), /^An entry of sampled_negative_indices is -1/],
    ['a text', withLast('a'), /^Entry 0 of row 3 of sampled_negative_indices is "a"/],
  ])('are not %s', (_, indices, message) => {
    expect(() => readNegativeIndices(indices, 2, 2)).toThrow(message);
  });
});
