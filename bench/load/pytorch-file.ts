/** The PyTorch twin of a checkpoint: the same tensors in `pytorch_model.bin`, and the same files beside it. */
import { copyFile, mkdir, open, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { pickleOfTensors, zipParts } from '../../scripts/lib/pytorch-writer.ts';
import { SLICE_BYTE_LENGTH } from '../../src/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { folderFiles } from '../../src/platform/node-files.ts';

const WEIGHTS = 'pytorch_model.bin';

/**
 * Writes the twin where it does not exist.
 * @param folder of a checkpoint of float32 safetensors.
 * @returns the folder of the twin.
 */
export async function ensurePytorchTwin(folder: string): Promise<string> {
  const twin = `${folder}-pytorch`;
  await mkdir(twin, { recursive: true });
  const names = await readdir(twin);
  // The weights come last, so a twin that has them is whole.
  if (names.includes(WEIGHTS)) return twin;
  for (const name of await readdir(folder)) {
    if (name.endsWith('.json')) await copyFile(path.join(folder, name), path.join(twin, name));
  }
  const partial = path.join(twin, `${WEIGHTS}.${process.pid}.partial`);
  await writeTwin(folder, partial);
  await rename(partial, path.join(twin, WEIGHTS));
  return twin;
}

async function writeTwin(folder: string, file: string): Promise<void> {
  const checkpoint = await openCheckpoint(folderFiles(folder));
  const tensors = [...checkpoint.tensors];
  const pickle = pickleOfTensors(Object.fromEntries(tensors.map(([name, { shape }]) => [name, shape])));
  const storages = tensors.map(([, { byteLength }], index) => ({ name: `m/data/${index}`, byteLength }));
  const entries = [{ name: 'm/data.pkl', byteLength: pickle.byteLength }, ...storages];
  const version = { name: 'm/version', byteLength: 2 };
  const { heads, end } = zipParts([...entries, version]);
  const output = await open(file, 'w');
  try {
    const [pickleHead = end, ...tensorHeads] = heads;
    await output.writeFile(pickleHead);
    await output.writeFile(pickle);
    for (const [index, [, tensor]] of tensors.entries()) {
      await output.writeFile(tensorHeads[index] ?? end);
      for (let offset = 0; offset < tensor.byteLength; offset += SLICE_BYTE_LENGTH) {
        const byteLength = Math.min(SLICE_BYTE_LENGTH, tensor.byteLength - offset);
        await output.writeFile(
          await tensor.readBytes(offset, byteLength, undefined, new ArrayBuffer(byteLength)),
        );
      }
    }
    await output.writeFile(tensorHeads[tensors.length] ?? end);
    await output.writeFile('3\n');
    await output.writeFile(end);
  } finally {
    await output.close();
    await checkpoint.close();
  }
}
