import { describe, expect, test } from 'vitest';
import { decodeRows, encodeRows } from '../../kernels/encode-weights.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { matrixLayout, WEIGHT_FORMATS } from '../../kernels/weight-format.ts';
import { toFloat32 } from '../../src/checkpoint/dtype.ts';

const encodeAndDecode = (format: (typeof WEIGHT_FORMATS)[number], values: Float32Array, rowLength: number) =>
  decodeRows(format, encodeRows(format, values, rowLength), { rows: values.length / rowLength, rowLength });

/** Whether the number of largest magnitude in a block has the sign of `value`. */
const isOfSign = (block: Float32Array, value: number): boolean =>
  block.reduce((largest, one) => (Math.abs(one) > Math.abs(largest) ? one : largest), 0) * value > 0;

test.each([
  ['f32', 0],
  // Half a step: of 11 bits, the first of which is not kept, of 127 and 8 steps to the largest of a block.
  ['f16', 2 ** -11],
  ['q8', 0.5 / 127],
  ['q4', 0.5 / 8],
] as const)('%s keeps every number to within half a step, whatever the row length', (format, step) => {
  const random = new SeededRandom(3);
  for (const rowLength of [4, 28, 32, 36, 64, 100]) {
    const values = random.normals(3 * rowLength);
    const found = encodeAndDecode(format, values, rowLength);
    values.forEach((value, i) => {
      const row = Math.floor(i / rowLength) * rowLength;
      const start = row + Math.floor((i - row) / 32) * 32;
      const block = values.subarray(start, Math.min(start + 32, row + rowLength));
      const largest = format === 'f16' ? Math.abs(value) : Math.max(...block.map(Math.abs));
      // The largest of a q4 block is -8 steps, and what lies near 8 steps on the other side is cut to 7.
      const isCut = format === 'q4' && Math.abs(value) > (7.5 / 8) * largest && !isOfSign(block, value);
      const allowed = isCut ? largest / 8 : step * largest;
      expect(Math.abs((found[i] ?? NaN) - value)).toBeLessThanOrEqual(allowed * (1 + 1e-6));
    });
  }
});

test('float16 is rounded to nearest, ties to even, and never overflows', () => {
  const random = new SeededRandom(4);
  const exact = [0, 1, -1, 65504, -65504, 2 ** -24, 2 ** -14, 1023 * 2 ** -24];
  expect([...encodeAndDecode('f16', Float32Array.from(exact), 4)]).toEqual(exact);
  const pairs = [
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [1 - 2 ** -12, 1],
    [2 ** -25, 0],
    [3 * 2 ** -25, 2 ** -23],
    [2047.5, 2048],
    [65519, 65504],
    [1e9, 65504],
    [-Infinity, -65504],
    [1e-30, 0],
    [2 ** -14 - 2 ** -25, 2 ** -14],
    [-0.1, -0.0999755859375],
  ];
  expect([
    ...encodeAndDecode(
      'f16',
      Float32Array.from(pairs, ([value = NaN]) => value),
      4,
    ),
  ]).toEqual(pairs.map(([, expected]) => expected));
  // The reader of float16 checkpoints gives back what was written.
  const values = random.normals(64);
  const { words } = encodeRows('f16', values, 64);
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  expect(toFloat32(bytes, 'F16')).toEqual(encodeAndDecode('f16', values, 64));
});

test('float16 numbers of a file pass through as the words that their float32 would give, all 65,536 of them', () => {
  const patterns = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const widened = toFloat32(new Uint8Array(patterns.buffer), 'F16');
  const { words } = encodeRows('f16', widened, 64);
  const memory = encodeRows('f16', new SeededRandom(6).normals(65_540), 4);
  for (const packed of [encodeRows('f16', patterns, 64), encodeRows('f16', patterns, 64, memory)]) {
    expect([...packed.words]).toEqual([...words]);
    expect(packed.scales).toHaveLength(0);
  }
  expect(encodeRows('f16', patterns, 64, memory).words.buffer).toBe(memory.words.buffer);
});

describe.each(['q8', 'q4'] as const)('%s', (format) => {
  test('a block of zeros stays zero', () => {
    expect(encodeAndDecode(format, new Float32Array(40), 40).every((value) => value === 0)).toBe(true);
  });

  test('the largest number of a block is exact but for its rounding, whatever its sign', () => {
    for (const sign of [1, -1]) {
      const values = Float32Array.from({ length: 32 }, (_, i) => (i === 7 ? sign * 3.7 : 0.01 * i));
      expect(encodeAndDecode(format, values, 32)[7]).toBeCloseTo(sign * 3.7, 6);
    }
  });

  test('memory of an earlier slice leaves no trace', () => {
    const random = new SeededRandom(5);
    const memory = encodeRows(format, random.normals(200), 100);
    const values = random.normals(60);
    const fresh = encodeRows(format, values, 20);
    const reused = encodeRows(format, values, 20, memory);
    expect([...reused.words]).toEqual([...fresh.words]);
    expect([...reused.scales]).toEqual([...fresh.scales]);
    expect(reused.words.buffer).toBe(memory.words.buffer);
  });
});

test('layouts: scales behind the words, both aligned', () => {
  const shape = { rows: 3, rowLength: 36 };
  expect(matrixLayout('f32', shape).byteLength).toBe(3 * 36 * 4);
  expect(matrixLayout('f16', shape).byteLength).toBe(3 * 36 * 2);
  expect(matrixLayout('q8', shape)).toEqual({
    rowStride: 64,
    rowByteLength: 64,
    rowScaleCount: 2,
    scalesOffset: 192,
    byteLength: 192 + 24,
  });
  expect(matrixLayout('q4', shape)).toMatchObject({
    rowByteLength: 32,
    scalesOffset: 96,
    byteLength: 96 + 24,
  });
});

test.each(WEIGHT_FORMATS)(
  '%s: a weight that is no number shows, and spoils nothing outside its block',
  (format) => {
    for (const bad of format === 'f16' ? [NaN] : [NaN, Infinity, -Infinity]) {
      const values = new SeededRandom(5).normals(96);
      values[40] = bad;
      const found = encodeAndDecode(format, values, 96);
      expect(Number.isFinite(found[40])).toBe(false);
      expect([...found.slice(0, 32), ...found.slice(64)].every(Number.isFinite)).toBe(true);
    }
  },
);
