/** Files are written whole or not at all. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkOutputFile, writeWholeFile } from '../../src/cli/write-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'write-file-'));
});
afterAll(() => rm(folder, { recursive: true }));
const output = (name: string) => ({ file: path.join(folder, name), what: 'the trace' });

test('parts follow each other, and an older file is replaced', async () => {
  const { file } = output('a.bin');
  await writeFile(file, 'older and longer');
  await writeWholeFile(output('a.bin'), ['one ', Buffer.from('two')]);
  expect(await readFile(file, 'utf8')).toBe('one two');
});

test('a failure on the way is one sentence; nothing is left, and an older file stays', async () => {
  const { file } = output('b.bin');
  await writeFile(file, 'older');
  function* content() {
    yield 'one';
    throw new Error('ENOSPC: no space left on device, write');
  }
  await expect(writeWholeFile(output('b.bin'), content())).rejects.toMatchObject({
    code: 'bad-option',
    message: `The trace ${file} cannot be written: ENOSPC: no space left on device, write.`,
  });
  expect(await readFile(file, 'utf8')).toBe('older');
  expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
});

test('what cannot be written is known before the work', async () => {
  await expect(checkOutputFile(output('none/c.bin'))).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('there is no folder') as string,
  });
  await expect(checkOutputFile(output('.'))).rejects.toMatchObject({
    code: 'bad-option',
    message: expect.stringContaining('that is a folder') as string,
  });
  await expect(checkOutputFile(output('c.bin'))).resolves.toBeUndefined();
});
