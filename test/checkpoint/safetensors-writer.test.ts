/** What the one writer makes of tensors, against files that the reference wrote and readers that are not ours. */
import { readFileSync } from 'node:fs';
import { SafeTensor } from 'safetensors';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { joinBytes } from '../../src/base/bytes.ts';
import { parseHeader } from '../../src/checkpoint/safetensors.ts';
import {
  inFileOrder,
  layOutSafetensors,
  type TensorToStore,
} from '../../src/checkpoint/safetensors-writer.ts';
import { filesBelow, ROOT } from '../helpers/repository-files.ts';

/** Written by Python's safetensors. */
const REFERENCE_FILES = ['test/reference/goldens', 'examples/models']
  .flatMap(filesBelow)
  .filter((file) => file.endsWith('.safetensors'));

function shuffled<T>(items: readonly T[]): readonly T[] {
  const keys = new SeededRandom(7).normals(items.length);
  return items
    .map((item, i) => [item, keys[i] ?? 0] as const)
    .toSorted(([, a], [, b]) => a - b)
    .map(([item]) => item);
}

test.each(REFERENCE_FILES)('the header of %s, byte for byte, from its tensors in any order', (file) => {
  const bytes = readFileSync(ROOT + file);
  const entries = parseHeader(bytes, bytes.byteLength, file);
  const tensors = Array.from(entries, ([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const { __metadata__: metadata } = JSON.parse(
    bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE())),
  ) as { readonly __metadata__: Record<string, string> };
  const layout = layOutSafetensors(inFileOrder(shuffled(tensors)), metadata);
  expect(Buffer.compare(layout.header, bytes.subarray(0, layout.header.byteLength))).toBe(0);
  expect(layout.byteLength).toBe(bytes.byteLength);
  expect(new Map(layout.tensors.map(({ name, ...entry }) => [name, entry]))).toEqual(entries);
});

test('wide elements come first, so that every tensor is aligned; scalars and empty tensors have their place', () => {
  const tensors: readonly TensorToStore[] = [
    { name: 'bytes', dtype: 'U8', shape: [3] },
    { name: 'half', dtype: 'F16', shape: [5] },
    { name: 'scalar', dtype: 'F32', shape: [] },
    { name: 'empty', dtype: 'F32', shape: [0, 7] },
    { name: 'ids', dtype: 'I64', shape: [1] },
    { name: 'b', dtype: 'BF16', shape: [1] },
  ];
  const { header, tensors: placed, byteLength } = layOutSafetensors(inFileOrder(tensors));
  expect(placed.map(({ name, byteLength: each }) => [name, each])).toEqual([
    ['ids', 8],
    ['empty', 0],
    ['scalar', 4],
    ['b', 2],
    ['half', 10],
    ['bytes', 3],
  ]);
  expect(header.byteLength % 8).toBe(0);
  const offsets = placed.map(({ byteOffset }) => byteOffset - header.byteLength);
  expect(offsets).toEqual([0, 8, 8, 12, 14, 24]);
  expect(byteLength).toBe(header.byteLength + 27);
  const file = joinBytes([header, Uint8Array.from({ length: 27 }, (_, i) => i)]);
  const independent = new SafeTensor(file);
  expect([...independent.getTensor('half')]).toEqual([14, 15, 16, 17, 18, 19, 20, 21, 22, 23]);
  expect([...layOutSafetensors([]).header]).toEqual([8, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from('{}      ')]);
});

test('no tensor takes the place of the metadata', () => {
  expect(() => layOutSafetensors([{ name: '__metadata__', dtype: 'F32', shape: [1] }])).toThrow(
    'A tensor has the name __metadata__, which safetensors files keep for what they say of themselves.',
  );
});
