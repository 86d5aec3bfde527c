/** What is wrong with the files of a model is found before a device is opened, and at once. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { readJson } from '../../src/base/json-file.ts';
import type { ModelFiles, ProgressInfo } from '../../src/base/files.ts';
import { loadConfig, loadRunner, type ModelKind } from '../../src/speech/core/load-runner.ts';
import { CONFIG_CLASSES } from '../../src/speech/families/family-list.ts';
import { UniSpeechForCTC, UniSpeechForSequenceClassification } from '../../src/speech/unispeech-models.ts';
import { countedFiles } from '../helpers/counted-files.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { writeSafetensors } from '../helpers/safetensors-writer.ts';
import { parseHeader } from '../../src/checkpoint/safetensors.ts';

const source = `${goldensFolder}tiny/layer-stable/`;
const fileOf = (name: string): Promise<string> => readFile(new URL(`files/${name}`, import.meta.url), 'utf8');
const config = JSON.parse(await readFile(`${source}config.json`, 'utf8')) as Readonly<
  Record<string, unknown>
>;
const weights = await readFile(`${source}model.safetensors`);

const model = (changes: object, weightsFile: Uint8Array | string = weights): ModelFiles =>
  memoryFiles({ 'config.json': JSON.stringify({ ...config, ...changes }), 'model.safetensors': weightsFile });

/** Loads what cannot be loaded, and gives the error. */
async function refusal(files: ModelFiles, kind: ModelKind = UniSpeechForCTC): Promise<Error> {
  const counted = countedFiles(files);
  const openContext = vi.fn(() => Promise.reject(new Error('a device was opened')));
  const error: unknown = await loadRunner(counted, [kind], openContext).catch((reason: unknown) => reason);
  expect(openContext).not.toHaveBeenCalled();
  expect(counted.counts.open).toBe(0);
  expect(error).toMatchObject({ name: 'UniSpeechError' });
  expect((error as Error).message.length).toBeLessThanOrEqual(400);
  return error as Error;
}

describe('without a device', () => {
  test.each([1e5, 1e6, 1e8])('%d layers are refused', async (num_hidden_layers) => {
    expect(await refusal(model({ num_hidden_layers }))).toMatchObject({
      code: 'bad-config',
      message: `memory/config.json: "num_hidden_layers" is ${num_hidden_layers}, but it must be a whole number from 0 to 512.`,
    });
  });

  test('the configuration that was reported is refused', async () => {
    const files = memoryFiles({ 'config.json': await fileOf('config-1e5-layers.json') });
    expect((await refusal(files)).message).toContain('"num_hidden_layers" is 100000, but');
  });

  test.each([
    [{ num_hidden_layers: 400 }, '"num_hidden_layers" is 400 in config.json and 2 in the weights; '],
    [{ vocab_size: 500 }, '"vocab_size" is 500 in config.json and 32 in the weights; '],
    [{ hidden_size: 64 }, '"hidden_size" is 64 in config.json and '],
    [{ intermediate_size: 1000 }, '"intermediate_size" is 1000 in config.json and '],
    [{ num_conv_pos_embeddings: 7 }, '"num_conv_pos_embeddings" is 7 in config.json and '],
  ])('%j, which the weights contradict, is refused with both numbers', async (changes, message) => {
    const error = await refusal(model(changes));
    expect(error).toMatchObject({ code: 'bad-checkpoint' });
    expect(error.message).toContain(message);
  });

  test('weights of another class are refused with the class that config.json names', async () => {
    const error = await refusal(model({}), UniSpeechForSequenceClassification);
    expect(error.message).toContain('config.json names the class UniSpeechForCTC; ');
    // A class whose tensors are all there is not in question.
    expect((await refusal(model({ num_hidden_layers: 400 }))).message).not.toContain('names the class');
  });

  test('the Git LFS pointer that was reported is named', async () => {
    const pointer = await fileOf('model.safetensors.lfs-pointer');
    expect(await refusal(model({}, pointer))).toMatchObject({
      code: 'bad-checkpoint',
      message: expect.stringContaining('model.safetensors is a Git LFS pointer and not the file') as string,
      fix: expect.stringContaining('git lfs pull') as string,
    });
    const files = memoryFiles({ 'config.json': pointer });
    expect(await refusal(files)).toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining('config.json is a Git LFS pointer') as string,
    });
  });

  test('an index that nests deep is refused', async () => {
    const files = memoryFiles({
      'config.json': JSON.stringify(config),
      'model.safetensors.index.json': `{"weight_map":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
    });
    expect(await refusal(files)).toMatchObject({ code: 'bad-checkpoint' });
  });
});

test('a configuration with NaN loads as in transformers', async () => {
  const files = memoryFiles({ 'config.json': await fileOf('config-nan.json') });
  const loaded = await loadConfig(files, CONFIG_CLASSES);
  expect(loaded).toMatchObject({ hidden_size: 144, num_hidden_layers: 6, mask_time_prob: 0.025 });
  expect(loaded.json.loss_scale).toBeNaN();
  expect(await readJson(files, 'config.json')).toMatchObject({ loss_scale: NaN });
});

test('names of DataParallel and torch.compile fit, with one warning, before a device is opened', async () => {
  const entries = parseHeader(weights, weights.byteLength, 'model.safetensors');
  const wrapped = writeSafetensors(
    Array.from(entries, ([name, { dtype, shape, byteOffset, byteLength }]) => ({
      name: `module._orig_mod.${name}`,
      dtype,
      shape: [...shape],
      data: weights.subarray(byteOffset, byteOffset + byteLength),
    })),
  );
  const events: ProgressInfo[] = [];
  const load = loadRunner(
    model({}, wrapped),
    [UniSpeechForCTC],
    () => Promise.reject(new Error('a device was opened')),
    {
      progress_callback: (info) => events.push(info),
    },
  );
  await expect(load).rejects.toThrow('a device was opened');
  const warnings = events.filter(({ status }) => status === 'warning');
  expect(warnings).toEqual([
    expect.objectContaining({
      code: 'renamed-tensors',
      message: expect.stringContaining('"module._orig_mod." was left out of the names') as string,
    }),
  ]);
});
