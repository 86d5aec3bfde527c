/** Conversion of stored elements to float32, against values computed another way. */
import { describe, expect, test } from 'vitest';
import { elementByteLength, isWeightDtype, toFloat32 } from '../../src/checkpoint/dtype.ts';

/** The definition of binary16, in plain arithmetic. */
function slowFloat16(pattern: number): number {
  const sign = pattern >= 0x8000 ? -1 : 1;
  const exponent = Math.floor(pattern / 1024) % 32;
  const fraction = (pattern % 1024) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** The same bytes at an odd address. */
function unaligned(bytes: Uint8Array): Uint8Array {
  const moved = new Uint8Array(bytes.byteLength + 1).subarray(1);
  moved.set(bytes);
  return moved;
}

describe('toFloat32', () => {
  test('is exact for all 65,536 float16 patterns', () => {
    const values = toFloat32(bytesOf(Uint16Array.from({ length: 65_536 }, (_, i) => i)), 'F16');
    const wrong = Array.from(values.keys()).filter((i) => !Object.is(values[i], slowFloat16(i)));
    expect(values.length).toBe(65_536);
    expect(wrong).toEqual([]);
  });

  test('puts bfloat16 patterns into the upper half', () => {
    const patterns = Uint16Array.of(0x0000, 0x8000, 0x3f80, 0xc049, 0x0001, 0x7f7f, 0x7f80, 0xff80, 0x7fc0);
    const expected = [0, -0, 1, -3.140625, 2 ** -133, 255 * 2 ** 120, Infinity, -Infinity, NaN];
    expect([...toFloat32(bytesOf(patterns), 'BF16')]).toEqual(expected);
  });

  test('rounds float64 to the nearest float32', () => {
    const values = [0.1, -0, 1e300, 2 ** -149, NaN, 16_777_217];
    expect([...toFloat32(bytesOf(Float64Array.from(values)), 'F64')]).toEqual(values.map(Math.fround));
  });

  test('gives an aligned float32 slice as a view, without a copy', () => {
    const bytes = bytesOf(Float32Array.of(1, 2.5));
    expect(toFloat32(bytes, 'F32')).toEqual(Float32Array.of(1, 2.5));
    expect(toFloat32(bytes, 'F32').buffer).toBe(bytes.buffer);
  });

  test.each([
    ['F32', Float32Array.of(1, -2)],
    ['F16', Uint16Array.of(0x3c00, 0xc000)],
    ['BF16', Uint16Array.of(0x3f80, 0xc000)],
    ['F64', Float64Array.of(1, -2)],
  ] as const)('reads %s at any address', (dtype, stored) => {
    expect([...toFloat32(unaligned(bytesOf(stored)), dtype)]).toEqual([1, -2]);
  });

  test('refuses part of an element', () => {
    expect(() => toFloat32(new Uint8Array(6), 'F32')).toThrow('6 bytes are no whole number of F32 elements');
  });
});

test('knows which dtypes are weights, and their sizes', () => {
  expect((['F32', 'F16', 'BF16', 'F64'] as const).map(elementByteLength)).toEqual([4, 2, 2, 8]);
  expect(isWeightDtype('I64')).toBe(false);
});
