/** PyTorch files in every form that `torch.save` has, against what PyTorch itself reads from them (`test/reference/pytorch_files.py`). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ByteSource } from '../../src/base/files.ts';
import { openPytorch } from '../../src/checkpoint/pytorch/pytorch-reader.ts';
import type { StoredTensor } from '../../src/checkpoint/reader.ts';
import { safetensorsReader } from '../../src/checkpoint/safetensors-reader.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { memoryFiles } from '../helpers/memory-files.ts';

const folder = `${goldensFolder}pytorch/`;
/** Form → the file that holds the same tensors as safetensors. */
const forms = Object.entries(
  JSON.parse(readFileSync(`${folder}index.json`, 'utf8')) as Readonly<Record<string, string>>,
);

async function sourceOf(fileName: string): Promise<ByteSource> {
  const source = await memoryFiles({ [fileName]: readFileSync(folder + fileName) }).open(fileName);
  if (!source) throw new Error('no such file');
  return source;
}

/** In pieces of so many bytes. */
async function read(tensor: StoredTensor, pieceByteLength: number): Promise<number[]> {
  const bytes: number[] = [];
  for (let offset = 0; offset < tensor.byteLength; offset += pieceByteLength) {
    const byteLength = Math.min(pieceByteLength, tensor.byteLength - offset);
    bytes.push(...(await tensor.readBytes(offset, byteLength, undefined, new ArrayBuffer(byteLength))));
  }
  return bytes;
}

test.each(forms)('%s.bin holds the tensors of %s.safetensors, byte by byte', async (form, twin) => {
  const actual = await openPytorch(await sourceOf(`${form}.bin`), undefined);
  const expected = await safetensorsReader.open(await sourceOf(`${twin}.safetensors`), undefined);
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, tensor] of expected) {
    const found = actual.get(name);
    if (!found) throw new Error(`${name} is missing`);
    const about = ({ dtype, shape, byteLength }: StoredTensor) => ({ dtype, shape, byteLength });
    expect(about(found), name).toEqual(about(tensor));
    const whole = await read(tensor, 1e6);
    expect(await read(found, 1e6), name).toEqual(whole);
    // A slice begins anywhere in a row, and is one element or a few.
    expect(await read(found, 8), `${name} in pieces`).toEqual(whole);
    expect(await read(found, 24), `${name} in larger pieces`).toEqual(whole);
  }
});

test('tensors come in the order of their bytes, so that a download needs not go back', async () => {
  const source = await sourceOf('zip.bin');
  const starts: number[] = [];
  const watched: ByteSource = {
    ...source,
    read: (byteOffset, ...rest) => {
      starts.push(byteOffset);
      return source.read(byteOffset, ...rest);
    },
  };
  const tensors = await openPytorch(watched, undefined);
  starts.length = 0;
  for (const tensor of tensors.values()) await read(tensor, 1e6);
  // Small ones take one read each, as those of safetensors do; one without elements is not read.
  expect(starts).toHaveLength(tensors.size - 1);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  const shared = await openPytorch(await sourceOf('shared.bin'), undefined);
  expect([...shared.keys()]).toEqual(['first', 'overlapping', 'last', 'tied', 'tied_too', 'part_of_tied']);
});
