/** A model of the hub from its first download to its use without a network. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ProgressInfo } from '../../src/base/files.ts';
import type { ModelOptions } from '../../src/speech/core/load-options.ts';
import { UniSpeechForCTC } from '../../src/speech/unispeech-models.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { serveHub, type TestHub } from '../helpers/hub-server.ts';

const source = `${goldensFolder}tiny/layer-stable`;
const clip = Float32Array.from({ length: 4000 }, (_, index) => Math.sin(index / 9));

let hub: TestHub;
let cacheDir: string;

beforeAll(async () => {
  const names = ['config.json', 'model.safetensors'];
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(`${source}/${name}`)] as const)),
  );
  cacheDir = await mkdtemp(path.join(os.tmpdir(), 'unispeech-hub-'));
  hub = await serveHub({
    'acme/tiny': { files, large: ['model.safetensors'], refs: { main: 'e'.repeat(40) } },
  });
  vi.stubEnv('HF_ENDPOINT', hub.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(cacheDir, { recursive: true });
});

async function logitsOf(location: string, options: ModelOptions): Promise<Float32Array> {
  await using model = await UniSpeechForCTC.from_pretrained(location, { tune: 'off', ...options });
  return (await model({ input_values: clip })).logits.data;
}

test('gives the numbers of the same files in a folder', { timeout: 300_000 }, async () => {
  const expected = await logitsOf(source, {});
  const events: ProgressInfo[] = [];
  const token = 'hf_any';
  const online: ModelOptions = { cache_dir: cacheDir, token, progress_callback: (info) => events.push(info) };
  expect(await logitsOf('acme/tiny', online)).toEqual(expected);
  const done = events.filter(({ status }) => status === 'done');
  expect(done.map((info) => 'file' in info && info.file)).toEqual(['config.json', 'model.safetensors']);
  const requestCount = hub.requests.length;
  expect(await logitsOf('acme/tiny', { cache_dir: cacheDir, local_files_only: true })).toEqual(expected);
  expect(hub.requests).toHaveLength(requestCount);
  // Not stored, and not read from there.
  expect(await logitsOf('acme/tiny', { cache: false, token })).toEqual(expected);
  expect(hub.requests.length).toBeGreaterThan(requestCount);
});
