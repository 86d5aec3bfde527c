/** What a location means in Node, and what Node has no use for. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { modelStorage, UniSpeechForCTC, Wav2Vec2Processor } from '../../src/index.ts';
import { openModelFiles } from '../../src/platform/node-model-files.ts';

afterEach(() => vi.unstubAllGlobals());

it('takes owner/name for a folder where there is one, else for a Hugging Face id', async () => {
  const requested: string[] = [];
  vi.stubGlobal('fetch', (input: string) => {
    requested.push(input);
    return Promise.resolve(new Response('gated', { status: 401 }));
  });
  const parent = await mkdtemp(path.join(os.tmpdir(), 'unispeech-'));
  const before = process.cwd();
  try {
    await mkdir(path.join(parent, 'owner/name'), { recursive: true });
    await writeFile(path.join(parent, 'owner/name/config.json'), '{}');
    process.chdir(parent);
    expect(await openModelFiles('owner/name').readText('config.json')).toBe('{}');
    const remote = openModelFiles('owner/other', { revision: 'v1' });
    expect(remote.location).toBe('owner/other');
    await expect(remote.readText('config.json')).rejects.toThrow(
      'There is no folder of this name; as an id it is looked for at https://huggingface.co/owner/other.',
    );
    expect(requested).toEqual(['https://huggingface.co/owner/other/resolve/v1/config.json']);
  } finally {
    process.chdir(before);
    await rm(parent, { recursive: true });
  }
});

it.each([
  [{ cache: true }, /cache is true, but Node has no browser storage/],
  [{ cache: 'yes' }, /cache is "yes", but it must be true or false/],
  [{ revision: 1 }, /revision is 1, but it must be a string/],
  [{ revision: 'v1' }, /"\.\/model" is not a Hugging Face id/],
])('refuses %j', async (options, message) => {
  await expect(UniSpeechForCTC.from_pretrained('./model', options as never)).rejects.toThrow(message);
  await expect(Wav2Vec2Processor.from_pretrained('./model', options as never)).rejects.toThrow(message);
});

it('keeps nothing in Node', async () => {
  expect(await modelStorage.list()).toEqual([]);
  expect(await modelStorage.byteLength()).toBe(0);
  expect(await modelStorage.estimate()).toEqual({ usage: 0, quota: 0 });
  expect(await modelStorage.delete('owner/name')).toBe(false);
  await modelStorage.clear();
});
