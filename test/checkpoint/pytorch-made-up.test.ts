/** PyTorch files that PyTorch of today cannot write, or only elsewhere: big-endian, views of storages, gigabytes. */
import { describe, expect, test } from 'vitest';
import { joinBytes } from '../../src/base/bytes.ts';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { gather } from '../../src/checkpoint/pytorch/strided.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import {
  latin1,
  legacyStorage,
  p,
  pickleOf,
  writeLegacy,
  writePytorch,
  writeZip,
} from '../../scripts/lib/pytorch-writer.ts';

const RAMP = Float32Array.from({ length: 12 }, (_, index) => index);

async function readAll(file: Uint8Array): Promise<Record<string, number[]>> {
  const checkpoint = await openCheckpoint(memoryFiles({ 'pytorch_model.bin': file }));
  const values: Record<string, number[]> = {};
  for (const name of checkpoint.tensors.keys()) values[name] = [...(await checkpoint.readWhole(name))];
  await checkpoint.close();
  return values;
}

test.each([
  ['plain', {}],
  ['64-bit fields', { zip64: true }],
  ['big-endian', { bigEndian: true }],
])('a zip file: %s', async (_, options) => {
  const [a, b] = [RAMP, Float32Array.of(-1.5)];
  expect(await readAll(writePytorch({ a, b }, options))).toEqual({ a: [...a], b: [...b] });
});

test('big-endian elements of a transposed tensor', async () => {
  const pickle = pickleOf(p.dict({ a: p.tensor(p.storage('0', 6, 'HalfStorage'), [3, 2], [1, 3]) }));
  const halves = Uint8Array.of(0x3c, 0, 0x40, 0, 0x42, 0, 0x44, 0, 0x45, 0, 0x46, 0);
  const file = writeZip([
    ['x/data.pkl', pickle],
    ['x/data/0', halves],
    ['x/byteorder', latin1('big')],
  ]);
  expect(await readAll(file)).toEqual({ a: [1, 4, 2, 5, 3, 6] });
});

test('a dict that is made of a list of pairs, as Python 2 wrote it', async () => {
  const pair = (name: string, offset: number): string =>
    `${p.text(name)}${p.tensor(p.storage('0', 4), [1], [1], offset)}\x86`;
  const pickle = pickleOf(p.call('collections', 'OrderedDict', p.list(pair('a', 0), pair('b', 2))));
  const file = writeZip([
    ['x/data.pkl', pickle],
    ['x/data/0', new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)],
  ]);
  expect(await readAll(file)).toEqual({ a: [1], b: [3] });
});

test('a tensor keeps the shape that was checked, whatever the pickle does to its lists afterwards', async () => {
  const [shape, strides] = [`${p.list('K\x03')}q\x00`, `${p.list('K\x01')}q\x01`];
  const args = `(${p.storage('0', 3)}K\x00h\x00h\x01\x89Nt`;
  const tensor = `${p.global('torch._utils', '_rebuild_tensor_v2')}${args}Rq\x02`;
  const grow = 'h\x00K\x63ah\x01K\x01a';
  const pickle = pickleOf(shape + strides + tensor + grow + p.dict({ a: 'h\x02' }));
  const file = writeZip([
    ['x/data.pkl', pickle],
    ['x/data/0', new Uint8Array(12)],
  ]);
  expect(await readAll(file)).toEqual({ a: [0, 0, 0] });
});

test('a comment at the end, and one that looks like an end', async () => {
  const file = writePytorch({ a: RAMP });
  const comment = latin1('PK\x05\x06 is no end');
  file[file.length - 2] = comment.length;
  expect(await readAll(joinBytes([file, comment]))).toEqual({ a: [...RAMP] });
});

describe('the legacy layout', () => {
  test('views on storages', async () => {
    const view = (offset: number, count: number): string =>
      p.storage('7', 12, 'FloatStorage', p.tuple(p.text('9'), p.int(offset), p.int(count)));
    const object = p.dict({
      a: p.tensor(view(2, 4), [4], [1]),
      b: p.tensor(view(4, 6), [2, 2], [1, 2], 1),
      c: p.tensor(p.storage('7', 12, 'FloatStorage', p.none), [2], [11]),
    });
    expect(await readAll(writeLegacy(object, ['7'], legacyStorage(RAMP)))).toEqual({
      a: [2, 3, 4, 5],
      b: [5, 7, 6, 8],
      c: [0, 11],
    });
  });

  test('pickles of more than one read', async () => {
    const names = Array.from({ length: 2000 }, (_, index) => `a.tensor.with.a.rather.long.name.${index}`);
    const object = p.dict(
      Object.fromEntries(
        names.map((name, index) => [name, p.tensor(p.storage('0', 12), [1], [1], index % 12)]),
      ),
    );
    const values = await readAll(writeLegacy(object, ['0'], legacyStorage(RAMP)));
    expect(values[names[1999] ?? '']).toEqual([1999 % 12]);
  });
});

test('of a strided tensor only stretches near its elements are read, each once', async () => {
  const rowStride = 750_000_000;
  const tensor = {
    kind: 'tensor',
    storageKey: '0',
    dtype: 'F32',
    elementOffset: 5,
    shape: [3, 2, 2],
    strides: [rowStride, 1, 2],
  } as const;
  const reads: [offset: number, byteLength: number][] = [];
  // Of a storage of gigabytes: each element is its place, modulo 1000.
  const read = (offset: number, byteLength: number): Promise<Uint8Array> => {
    reads.push([offset, byteLength]);
    const values = Float32Array.from({ length: byteLength / 4 }, (_, index) => (offset + index) % 1000);
    return Promise.resolve(new Uint8Array(values.buffer));
  };
  const bytes = await gather(tensor, 1, 10, 4, read);
  expect([...new Float32Array(bytes.buffer)]).toEqual([7, 6, 8, 5, 7, 6, 8, 5, 7, 6]);
  expect(reads.map(([offset]) => offset)).toEqual([6, rowStride + 5, 2 * rowStride + 5]);
  expect(Math.max(...reads.map(([, byteLength]) => byteLength))).toBeLessThanOrEqual(4 * 2 ** 20);
});
