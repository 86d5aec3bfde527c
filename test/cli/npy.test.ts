/** The header of NumPy files, byte for byte as NumPy 2.4 writes it. */
import { expect, test } from 'vitest';
import { npyHeader } from '../../src/cli/npy.ts';

test.each([
  [[3, 24], '(3, 24)'],
  [[24], '(24,)'],
  [[0, 1024], '(0, 1024)'],
  [[123_456_789, 1024], '(123456789, 1024)'],
])('of shape %j', (shape, tuple) => {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  expect(Buffer.from(npyHeader(shape)).toString('latin1')).toBe(
    `\u0093NUMPY\u0001\0v\0${text.padEnd(117)}\n`,
  );
});
