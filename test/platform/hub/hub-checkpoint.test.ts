/** Weights as public UniSpeech models have them, PyTorch files without safetensors, from the hub and then without it. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import type { OpenFilesOptions } from '../../../src/base/platform.ts';
import { openCheckpoint } from '../../../src/checkpoint/open-checkpoint.ts';
import { openModelFiles } from '../../../src/platform/node-model-files.ts';
import { LanguageModel } from '../../../src/beam/language-model.ts';
import { numbered, probingFile } from '../../beam/probing-file.ts';
import { goldensFolder } from '../../helpers/golden.ts';
import { serveHub } from '../../helpers/hub-server.ts';

const ID = 'acme/shards';

test('shards are found, kept whole and read again', async () => {
  const source = `${goldensFolder}pytorch/models/group-stable-sharded`;
  const names = await readdir(source);
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(`${source}/${name}`)] as const)),
  );
  const large = names.filter((name) => name.endsWith('.bin'));
  const hub = await serveHub({ [ID]: { files, large, refs: { main: 'f'.repeat(40) } } });
  const cacheDir = await mkdtemp(path.join(os.tmpdir(), 'unispeech-hub-'));
  vi.stubEnv('HF_ENDPOINT', hub.url);
  const shapes = async (options: OpenFilesOptions) => {
    const checkpoint = await openCheckpoint(openModelFiles(ID, { cacheDir, ...options }));
    await checkpoint.finish();
    await checkpoint.close();
    return Array.from(checkpoint.tensors, ([name, { shape }]) => [name, shape]);
  };
  try {
    const found = await shapes({});
    expect(found.length).toBeGreaterThan(40);
    expect(hub.requests.map(({ line }) => line)).toContain(
      `GET /${ID}/resolve/${'f'.repeat(40)}/model.safetensors.index.json`,
    );
    hub.requests.length = 0;
    expect(await shapes({ localFilesOnly: true })).toEqual(found);
    expect(await shapes({ revision: 'f'.repeat(40) })).toEqual(found);
    expect(hub.requests).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    await hub.close();
    await rm(cacheDir, { recursive: true });
  }
});

test('a language model that is too large for memory is kept whole, and read from where it is kept', async () => {
  const files = { 'config.json': Buffer.from('{}'), 'lm.binary': probingFile(numbered(100), 10_000) };
  const hub = await serveHub({ [ID]: { files, large: ['lm.binary'], refs: { main: 'e'.repeat(40) } } });
  const cacheDir = await mkdtemp(path.join(os.tmpdir(), 'unispeech-hub-'));
  vi.stubEnv('HF_ENDPOINT', hub.url);
  try {
    const whole = await LanguageModel.load(files['lm.binary']);
    for (const localFilesOnly of [false, true]) {
      await using paged = await LanguageModel.load(`${ID}/lm.binary`, {
        cacheDir,
        localFilesOnly,
        memory_mb: 0.1,
      });
      // Nothing more is asked of the hub.
      const count = hub.requests.length;
      expect(paged.score('W1 W2 W3 W4')).toBe(whole.score('W1 W2 W3 W4'));
      expect(hub.requests.length).toBe(count);
    }
    const names = await readdir(path.join(cacheDir, 'models--acme--shards/snapshots', 'e'.repeat(40)));
    expect(names).toContain('lm.binary');
  } finally {
    vi.unstubAllEnvs();
    await hub.close();
    await rm(cacheDir, { recursive: true });
  }
});
