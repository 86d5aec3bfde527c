/** Checks of what callers give. */
import { describe, expect, test } from 'vitest';
import { checkBoolean, checkCallback, checkSignal, maskRows } from '../../src/base/option-checks.ts';
import { Tensor } from '../../src/base/tensor.ts';

test.each([[undefined], [null], [new AbortController().signal], [AbortSignal.abort()]])(
  '%o may be a signal',
  (signal) => {
    expect(() => checkSignal(signal)).not.toThrow();
  },
);
test.each([['stop'], [{}], [new AbortController()], [[]], [() => undefined]])('%o is no signal', (signal) => {
  expect(() => checkSignal(signal)).toThrow(/^signal is .*, but it must be an AbortSignal\.$/);
});

test('callbacks and booleans', () => {
  expect(() => checkCallback('progress_callback', 'log')).toThrow(
    'progress_callback is "log", but it must be a function.',
  );
  expect(() => checkBoolean('truncation', 'yes')).toThrow(
    'truncation is "yes", but it must be true or false.',
  );
  expect(() => {
    checkCallback('a', null);
    checkBoolean('b', undefined);
    checkBoolean('c', false);
  }).not.toThrow();
});

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
    ['one dimension', new Tensor('int32', new Int32Array(4), [4]), /^attention_mask is a Tensor/],
    ['a number', 5, /^attention_mask is 5/],
    ['a row that is none', [[1], 7], /^Row 1 of attention_mask is 7/],
    ['holes', new Array<number[]>(2), /^Row 0 of attention_mask is undefined/],
    ['a two', [[1, 2]], /^Entry 1 of row 0 of attention_mask is 2, but it must be zero or one/],
    ['a text', [['1']], /^Entry 0 of row 0 of attention_mask is "1"/],
  ])('refuses %s', (_, mask, message) => {
    expect(() => maskRows(mask, 'attention_mask')).toThrow(message);
  });
});
