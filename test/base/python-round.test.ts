import { expect, test } from 'vitest';
import { roundHalfToEven } from '../../src/base/python-round.ts';

test.each([
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [2.4999999999999996, 2],
  [2.5000000000000004, 3],
  [-0.5, -0],
  [-1.5, -2],
  [-2.5, -2],
  [7, 7],
])('round(%d) is %d', (value, rounded) => {
  expect(roundHalfToEven(value)).toBeCloseTo(rounded, 12);
});
