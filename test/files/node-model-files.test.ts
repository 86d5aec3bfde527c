/** What a location means in Node, and what Node has no use for. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { modelStorage, UniSpeechForCTC, Wav2Vec2Processor } from '../../src/index.ts';
import { openModelFiles } from '../../src/platform/node-model-files.ts';
import { serve } from '../helpers/http-server.ts';

afterEach(() => vi.unstubAllGlobals());

test('takes owner/name for a folder where there is one, else for a Hugging Face id', async () => {
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
    const remote = openModelFiles('owner/other', { revision: 'v1', cacheDir: 'cache', token: false });
    expect(remote.location).toBe('owner/other');
    await expect(remote.readText('config.json')).rejects.toThrow(
      'huggingface.co has no model owner/other, or a private one. There is no folder owner/other either;',
    );
    expect(requested).toEqual(['https://huggingface.co/owner/other/resolve/v1/config.json']);
    expect(existsSync('cache')).toBe(false);
  } finally {
    process.chdir(before);
    await rm(parent, { recursive: true });
  }
});

test.each([
  [{ cache: true }, /cache is true, but in Node only Hugging Face ids are stored, and "\.\/model" is none/],
  [{ cache: 'yes' }, /cache is "yes", but it must be true or false/],
  [{ revision: 1 }, /revision is 1, but it must be a string/],
  [{ stall_timeout_s: 0 }, /stall_timeout_s is 0, but it must be a number of seconds above 0/],
  [{ stall_timeout_s: '30' }, /stall_timeout_s is "30", but it must be a number/],
  [{ revision: 'v1' }, /"\.\/model" is not a Hugging Face id/],
])('refuses %j', async (options, message) => {
  await expect(UniSpeechForCTC.from_pretrained('./model', options as never)).rejects.toThrow(message);
  await expect(Wav2Vec2Processor.from_pretrained('./model', options as never)).rejects.toThrow(message);
});

test.each(['a--b/c', 'a/b--c', 'a/b..c', 'a/..'])('refuses the id %s, which no hub has', (id) => {
  for (const cache of [true, false])
    expect(() => openModelFiles(`${id}x`, { cache })).toThrow(
      /^"a.*x" is neither a folder nor a Hugging Face id, in which "--" and "\.\." are not allowed\. Check/,
    );
});

test('keeps nothing in Node', async () => {
  expect(await modelStorage.list()).toEqual([]);
  expect(await modelStorage.byteLength()).toBe(0);
  expect(await modelStorage.estimate()).toEqual({ usage: 0, quota: 0 });
  expect(await modelStorage.delete('owner/name')).toBe(false);
  await modelStorage.clear();
});

test.each([
  ['file:%zz', 'file:%zz is not a file: URL of this machine. Write it as file:///folder/name'],
  ['file://host/models/x', 'file://host/models/x is not a file: URL of this machine.'],
  ['ftp://me:secret@x/m?token=t', '"ftp://x/m" is not the address of a model. Give a folder,'],
  [
    `data:application/zip;base64,${'A'.repeat(1000)}`,
    /^"data:application\/zip,… \(1028 characters\)" is not/,
  ],
  ['blob:nodedata:1', '"blob:nodedata:1" is not the address of a model.'],
  ['https://', '"https://" is not the address of a model.'],
])('refuses the location %.40s in one sentence', async (location, message) => {
  const loads = [
    () => UniSpeechForCTC.from_pretrained(location),
    () => Wav2Vec2Processor.from_pretrained(location),
  ];
  for (const load of loads) {
    const error: unknown = await load().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'UniSpeechError', code: 'bad-option' });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message.length).toBeLessThanOrEqual(400);
  }
});

test('takes a folder with a colon in its name', async () => {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'unispeech-'));
  const before = process.cwd();
  try {
    await mkdir(path.join(parent, 'my:models'));
    await writeFile(path.join(parent, 'my:models/config.json'), '{}');
    process.chdir(parent);
    expect(await openModelFiles('my:models').readText('config.json')).toBe('{}');
  } finally {
    process.chdir(before);
    await rm(parent, { recursive: true });
  }
});

test('passes the limit of a stall on, and keeps what the user gave for events', async () => {
  const server = await serve(() => undefined);
  const { url } = server;
  try {
    const model = `${url}/m?token=t`;
    const files = openModelFiles(model, { stallTimeoutMs: 20 });
    expect([files.id, files.location]).toEqual([model, `${url}/m`]);
    await expect(Wav2Vec2Processor.from_pretrained(model, { stall_timeout_s: 0.02 })).rejects.toThrow(
      /\/m\/\w+\.json sent nothing for 0\.02 s\./,
    );
  } finally {
    await server.close();
  }
});
