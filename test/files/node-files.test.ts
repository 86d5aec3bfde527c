/** Model files from a folder, and the memory that reading a large tensor takes. */
import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderFiles } from '../../src/platform/node-files.ts';
import { layOutSafetensors } from '../../src/checkpoint/safetensors-writer.ts';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';

const MIB = 1024 * 1024;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'unispeech-files-'));
  await writeFile(path.join(folder, 'bytes.bin'), Uint8Array.of(1, 2, 3, 4, 5));
  await writeFile(path.join(folder, 'text.json'), '\ufeff{"a":"ß"}');
});
afterAll(() => rm(folder, { recursive: true }));

describe('folderFiles', () => {
  test('reads ranges and text', async () => {
    const files = folderFiles(folder);
    const source = await files.open('bytes.bin');
    expect(source?.byteLength).toBe(5);
    expect(source?.name).toBe(path.join(folder, 'bytes.bin'));
    expect(await source?.read(1, 3)).toEqual(Uint8Array.of(2, 3, 4));
    expect(await source?.read(5, 0)).toEqual(new Uint8Array());
    await source?.close();
    expect(await files.readText('text.json')).toBe('{"a":"ß"}');
  });

  test('tells a missing file from a missing folder', async () => {
    expect(await folderFiles(folder).open('nothing')).toBeUndefined();
    expect(await folderFiles(folder).readText('nothing')).toBeUndefined();
    const missing = folderFiles(path.join(folder, 'gone'));
    await expect(missing.open('bytes.bin')).rejects.toThrow(`There is no folder ${missing.location}.`);
    await expect(missing.readText('text.json')).rejects.toMatchObject({ code: 'not-found' });
    const notAFolder = folderFiles(path.join(folder, 'text.json'));
    await expect(notAFolder.open('bytes.bin')).rejects.toThrow("is a file, expected a model's folder");
  });

  test.each(['../x', 'a/b', 'a\\b', '..', '.', '', '/etc/hostname'])(
    'refuses the file name "%s"',
    async (name) => {
      await expect(folderFiles(folder).open(name)).rejects.toMatchObject({ code: 'bad-input' });
      await expect(folderFiles(folder).readText(name)).rejects.toThrow('Expected the plain name of a file');
    },
  );

  test('says when a name is no file', async () => {
    await symlink(folder, path.join(folder, 'loop'));
    await expect(folderFiles(folder).open('loop')).rejects.toThrow('loop is not a file');
    await expect(folderFiles(folder).readText('loop')).rejects.toThrow('loop is not a file but a folder');
  });

  test('reads no text beyond its limit', async () => {
    const files = folderFiles(folder);
    await expect(files.readText('text.json', undefined, 12)).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining('text.json has 13 bytes, but at most 12 are read') as string,
    });
    expect(await files.readText('text.json', undefined, 13)).toBe('{"a":"ß"}');
    // Sparse: 40 GB would not fit into memory.
    await writeFile(path.join(folder, 'huge.json'), '{}');
    await truncate(path.join(folder, 'huge.json'), 40e9);
    await expect(files.readText('huge.json')).rejects.toThrow('has 40000000000 bytes');
  });

  test.skipIf(process.platform === 'win32')('waits for no pipe, and reads no device', async () => {
    const files = folderFiles(folder);
    execFileSync('mkfifo', [path.join(folder, 'pipe.json')]);
    await symlink('/dev/zero', path.join(folder, 'zero.json'));
    for (const name of ['pipe.json', 'zero.json']) {
      await expect(files.readText(name)).rejects.toThrow(
        `${name} is not a file but a pipe, socket or device`,
      );
      await expect(files.open(name)).rejects.toMatchObject({ code: 'not-found' });
    }
  });

  test('says when a file ends before a read does', async () => {
    const source = await folderFiles(folder).open('bytes.bin');
    await expect(source?.read(3, 4)).rejects.toThrow('bytes.bin ends at byte 5, expected bytes up to 7');
    await source?.close();
  });

  test('rejects with the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(folderFiles(folder).open('bytes.bin', signal)).rejects.toThrow('stop');
    const source = await folderFiles(folder).open('bytes.bin');
    await expect(source?.read(0, 2, signal)).rejects.toThrow('stop');
    await source?.close();
  });
});

test('reads 96 MiB, in one large and many smaller tensors, within 16 MiB', async () => {
  const mebibytes = [48, ...Array<number>(24).fill(2)];
  const { header, byteLength } = layOutSafetensors(
    mebibytes.map((size, index) => ({ name: `tensor.${index}`, dtype: 'F32', shape: [size, MIB / 4] })),
  );
  const filePath = path.join(folder, 'model.safetensors');
  await writeFile(filePath, header);
  await truncate(filePath, byteLength);

  const checkpoint = await openCheckpoint(folderFiles(folder));
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  let elementCount = 0;
  for (const name of checkpoint.tensors.keys()) {
    for await (const { values } of checkpoint.read(name)) {
      elementCount += values.length;
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }
  }
  await checkpoint.close();
  expect(elementCount).toBe((96 * MIB) / 4);
  expect(peak / MIB).toBeLessThan(16);
});

test('reads behind 2 GiB and 4 GiB of a file that is mostly a hole', async () => {
  const elementCount = 1.25e9;
  const { header } = layOutSafetensors([
    { name: 'huge', dtype: 'F32', shape: [elementCount] },
    { name: 'last', dtype: 'F32', shape: [2] },
  ]);
  const large = await mkdtemp(path.join(folder, 'large-'));
  const filePath = path.join(large, 'model.safetensors');
  await writeFile(filePath, header);
  await truncate(filePath, header.byteLength + 4 * elementCount);
  await appendFile(filePath, new Uint8Array(Float32Array.of(1.5, -2).buffer));

  const checkpoint = await openCheckpoint(folderFiles(large));
  expect([...(await checkpoint.readWhole('last'))]).toEqual([1.5, -2]);
  let elementOffset = 0;
  const slices = checkpoint.read('huge', { sliceByteLength: 4096 });
  for await (const slice of slices) {
    elementOffset = slice.elementOffset;
    if (elementOffset > 0) break;
  }
  expect(elementOffset).toBe(1024);
  await checkpoint.close();
});
