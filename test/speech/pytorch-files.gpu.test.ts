/** Whole models as PyTorch files: they give what their twins as safetensors give, and what the reference computes. */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UniSpeechModel } from '../../src/speech/unispeech-models.ts';
import { GoldenFile, goldensFolder, relativeError } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

test.each([
  ['layer-postnorm-weight-g-v', 'one file, old names of weight norm, transposed matrices'],
  ['group-stable-sharded', 'shards, a legacy file among them'],
])('%s: %s', async (name) => {
  const twin = `${goldensFolder}tiny/${name}`;
  const weights = `${goldensFolder}pytorch/models/${name}`;
  const golden = new GoldenFile(`${twin}/golden.safetensors`);
  const inputs = { input_values: golden.tensor('input_values') };
  const folder = await mkdtemp(path.join(os.tmpdir(), 'unispeech-bin-'));
  try {
    await copyFile(`${twin}/config.json`, path.join(folder, 'config.json'));
    for (const file of await readdir(weights)) await copyFile(`${weights}/${file}`, path.join(folder, file));
    await using model = await UniSpeechModel.from_pretrained(folder);
    const { last_hidden_state: found } = await model(inputs);
    expect(relativeError(found, golden.tensor('unmasked.last_hidden_state'))).toBeLessThan(1e-4);
    await using twinModel = await UniSpeechModel.from_pretrained(twin);
    expect(found.data).toEqual((await twinModel(inputs)).last_hidden_state.data);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
