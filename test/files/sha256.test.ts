/** SHA-256 in pieces, against Node's. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Sha256 } from '../../src/files/sha256.ts';

const bytesOf = (byteLength: number): Uint8Array =>
  Uint8Array.from({ length: byteLength }, (_, i) => (i * 31 + (i >> 8)) % 256);
const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test.each([0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 100_003])(
  'gives the digest of %d bytes',
  (byteLength) => {
    const bytes = bytesOf(byteLength);
    expect(new Sha256().update(bytes).hex()).toBe(expected(bytes));
  },
);

test.each([1, 37, 64, 100, 4096])('gives the same for pieces of %d bytes', (step) => {
  const bytes = bytesOf(10_007);
  const hash = new Sha256();
  for (let offset = 0; offset < bytes.byteLength; offset += step)
    hash.update(bytes.subarray(offset, offset + step));
  expect(hash.hex()).toBe(expected(bytes));
});
