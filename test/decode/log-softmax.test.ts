import { describe, expect, test } from 'vitest';
import { logSoftmax, logSoftmaxRow } from '../../src/decode/log-softmax.ts';

describe('logSoftmax', () => {
  test('gives logarithms whose exponentials sum up to 1, also of large logits, where exponentials alone overflow', () => {
    const rows = logSoftmax(Float32Array.of(1, 2, 3, 1000, 999, -1000), 2, 3);
    expect([...rows.subarray(0, 3)]).toEqual([-2.4076059644, -1.4076059644, -0.4076059644].map(Math.fround));
    expect(rows[3]).toBeCloseTo(-0.3132616875, 7);
    expect(rows[5]).toBeCloseTo(-2000.3132616875, 3);
  });

  test('gives a logit of -Infinity no probability, and nothing for no rows', () => {
    expect([...logSoftmax(Float32Array.of(-Infinity, 0, 0), 1, 3)]).toEqual([
      -Infinity,
      Math.fround(-Math.LN2),
      Math.fround(-Math.LN2),
    ]);
    expect(logSoftmax(new Float32Array(0), 0, 7)).toHaveLength(0);
  });

  test('names the frame whose logits are NaN or have no softmax, and refuses another shape', () => {
    for (const row of [
      [NaN, 1],
      [1, NaN],
    ])
      expect(() => logSoftmax(Float32Array.of(0, 1, ...row), 2, 2)).toThrow('frame 1 are not numbers (NaN)');
    expect(() => logSoftmax(Float32Array.of(0, 1, Infinity, 1), 2, 2)).toThrow('frame 1 have no softmax');
    expect(() => logSoftmax(Float32Array.of(-Infinity, -Infinity), 1, 2)).toThrow('the largest is -Infinity');
    expect(() => logSoftmax(new Float32Array(5), 2, 3)).toThrow('need 6 values');
  });
});

test('logSoftmaxRow keeps float64 where it is asked for, writes in place, and divides by the temperature', () => {
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
