import { expect, test } from 'vitest';
import { logSoftmaxRow } from '../../src/decode/log-softmax.ts';

/** Of the second of two rows, in float32. */
function logSoftmax(...row: readonly number[]): number[] {
  const out = new Float32Array(row.length);
  logSoftmaxRow([...row.map(() => 7), ...row], row.length, row.length, out, 0);
  return [...out];
}

test('exponentials of the logarithms sum up to 1, also of large logits, where exponentials alone overflow', () => {
  expect(logSoftmax(1, 2, 3)).toEqual([-2.4076059644, -1.4076059644, -0.4076059644].map(Math.fround));
  const [first, , last] = logSoftmax(1000, 999, -1000);
  expect(first).toBeCloseTo(-0.3132616875, 7);
  expect(last).toBeCloseTo(-2000.3132616875, 3);
});

test('a logit of -Infinity has no probability', () => {
  expect(logSoftmax(-Infinity, 0, 0)).toEqual([-Infinity, Math.fround(-Math.LN2), Math.fround(-Math.LN2)]);
});

test('a frame whose logits are NaN or have no softmax is named', () => {
  for (const row of [
    [NaN, 1],
    [1, NaN],
  ])
    expect(() => logSoftmax(...row)).toThrow('frame 1 are not numbers (NaN)');
  expect(() => logSoftmax(Infinity, 1)).toThrow('frame 1 have no softmax');
  expect(() => logSoftmax(-Infinity, -Infinity)).toThrow('the largest is -Infinity');
});

test('float64 is kept where it is asked for, a row is written in place, and the temperature divides', () => {
  const out = new Float64Array(5);
  logSoftmaxRow(Float32Array.of(9, 9, 1, 2, 3, 4), 2, 2, out, 1);
  expect([...out]).toEqual([
    0,
    expect.closeTo(-1.3132616875182228, 14),
    expect.closeTo(-0.3132616875182228, 14),
    0,
    0,
  ]);
  const same = Float32Array.of(1, 3);
  logSoftmaxRow(same, 0, 2, same, 0, 2);
  expect([...same]).toEqual([-1.3132616875, -0.3132616875].map(Math.fround));
});
