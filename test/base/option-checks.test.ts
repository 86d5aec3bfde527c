/** Checks of what callers give. */
import { expect, test } from 'vitest';
import { checkBoolean, checkCallback, checkSignal } from '../../src/base/option-checks.ts';

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
