/** The float64 references themselves, against PyTorch and numbers known to many digits. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { activationNamed, activationNames } from '../../kernels/activation.ts';
import { ACTIVATION_REFERENCES, erfc } from '../../kernels/reference/activation.ts';
import { compare, isRight } from '../../kernels/reference/kernel-case.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';

test('erfc', () => {
  const known = [
    [0, 1],
    [0.5, 0.4795001221869535],
    [1, 0.15729920705028513],
    [2, 0.004677734981047266],
    [3, 2.209049699858544e-5],
    [5, 1.5374597944280349e-12],
    [10, 2.088487583762545e-45],
    [-0.5, 1.5204998778130465],
    [-3, 1.9999779095030015],
  ] as const;
  for (const [z, expected] of known) {
    expect(Math.abs(erfc(z) / expected - 1), `erfc(${z})`).toBeLessThan(1e-13);
  }
  // The two methods meet without a step.
  expect(Math.abs(erfc(2 - 1e-12) - erfc(2))).toBeLessThan(1e-13);
});

interface GoldenEntry {
  readonly dtype: string;
  readonly data_offsets: readonly [number, number];
}

/** The float32 tensors of a small safetensors file, read without the code under test. */
function readGolden(file: URL): ReadonlyMap<string, Float32Array> {
  const bytes = readFileSync(file);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<string, GoldenEntry>;
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return new Map(
    entries.map(
      ([
        name,
        {
          data_offsets: [start, end],
        },
      ]) => {
        const data = bytes.subarray(8 + headerLength + start, 8 + headerLength + end);
        return [name, Float32Array.from({ length: data.length / 4 }, (_, i) => data.readFloatLE(i * 4))];
      },
    ),
  );
}

test('every activation equals that of transformers', () => {
  const golden = readGolden(new URL('../reference/goldens/activations.safetensors', import.meta.url));
  const names = [...golden.keys()].filter((name) => name !== 'x');
  expect([...activationNames()].sort()).toEqual(names.sort());
  const x = golden.get('x') ?? new Float32Array();
  for (const name of names) {
    const activation = ACTIVATION_REFERENCES[activationNamed(name) ?? 'linear'];
    golden.get(name)?.forEach((expected, i) => {
      const found = activation(x[i] ?? NaN);
      // The golden numbers are rounded to float32, and PyTorch's own tails cancel at 1e-15.
      expect(Math.abs(found - expected), `${name}(${x[i] ?? NaN})`).toBeLessThanOrEqual(
        1e-7 * Math.abs(expected) + 1e-13,
      );
    });
  }
});

test('a comparison sees missing, stray and wrong elements', () => {
  const expected = Float64Array.of(1, 2, NaN, 0);
  expect(isRight(compare(Float32Array.of(1, 2, NaN, 0), expected))).toBe(true);
  expect(compare(Float32Array.of(NaN, Infinity, NaN, 0), expected)).toMatchObject({
    missingCount: 2,
    strayCount: 0,
  });
  expect(compare(Float32Array.of(1, 2, 0, 0), expected)).toMatchObject({ missingCount: 0, strayCount: 1 });
  expect(isRight(compare(Float32Array.of(1, 2.001, NaN, 0), expected))).toBe(false);
  expect(compare(Float32Array.of(1), Float64Array.of(0)).nmse).toBe(Infinity);
  expect(compare(new Float32Array(2), expected)).toMatchObject({ missingCount: 1, strayCount: 0 });
});

test('seeded numbers repeat and look normal', () => {
  const values = new SeededRandom(7).normals(10_000, 3, 2);
  expect(values).toEqual(new SeededRandom(7).normals(10_000, 3, 2));
  expect(values).not.toEqual(new SeededRandom(8).normals(10_000, 3, 2));
  const mean = values.reduce((x, y) => x + y, 0) / values.length;
  const variance = values.reduce((x, y) => x + (y - mean) ** 2, 0) / values.length;
  expect(mean).toBeCloseTo(3, 1);
  expect(Math.sqrt(variance)).toBeCloseTo(2, 1);
});
