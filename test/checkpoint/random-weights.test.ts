/** The seeded weights equal the reference's, and the checkpoints made of them open. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { benchConfig } from '../../bench/lib/bench-config.ts';
import { CONFIGS } from '../../scripts/lib/model-configs.mjs';
import { writeCheckpoint } from '../../scripts/lib/random-checkpoint.ts';
import { fillTensor, inputSamples } from '../../scripts/lib/random-weights.mjs';
import { basePrefix, type CheckpointShape, tensorList } from '../../scripts/lib/tensor-list.mjs';
import { folderFiles } from '../../src/platform/node-files.ts';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { resolveNames } from '../../src/checkpoint/names.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { loadArchitecture, modelLayout } from '../../src/speech/heads/architecture.ts';
import { UNISPEECH } from '../../src/speech/families/unispeech.ts';
import reference from '../reference/reference-vectors.json' with { type: 'json' };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'unispeech-random-'));
});
afterAll(() => rm(folder, { recursive: true }));

const withWeightNormNames = (name: string): string =>
  name
    .replace('parametrizations.weight.original0', 'weight_g')
    .replace('parametrizations.weight.original1', 'weight_v');

test.each(Object.entries(reference.variants))(
  'makes the parameters of the reference: %s',
  (_name, variant) => {
    const tensors = tensorList(variant.config as CheckpointShape).filter(
      ({ name }) => !name.startsWith('lm_head.'),
    );
    const expected = Object.entries(variant.params as unknown as Record<string, [number[], number]>);
    expect(tensors).toEqual(expected.map(([name, [shape]]) => ({ name: withWeightNormNames(name), shape })));
    for (const [name, [shape, first]] of expected) {
      const values = new Float32Array(1);
      fillTensor(withWeightNormNames(name), shape, values);
      expect(values[0], name).toBeCloseTo(first, 8);
    }
  },
);

test('makes the inputs of the reference', () => {
  reference.input_first_values.forEach((first, batchItem) => {
    expect([...inputSamples(batchItem, 4)]).toEqual(first);
  });
});

test('fills any part of a tensor as it fills the whole', () => {
  const whole = new Float32Array(12);
  fillTensor('lm_head.weight', [3, 4], whole);
  const part = new Float32Array(5);
  fillTensor('lm_head.weight', [3, 4], part, 4);
  expect(part).toEqual(whole.slice(4, 9));
});

test('writes a folder whose weights open and fit', async () => {
  const { parameterCount } = await writeCheckpoint(CONFIGS.tiny, folder);
  expect((await readdir(folder)).sort()).toEqual([
    'config.json',
    'model.safetensors',
    'preprocessor_config.json',
    'tokenizer_config.json',
    'vocab.json',
  ]);
  const checkpoint = await openCheckpoint(folderFiles(folder));
  const { names, unexpected } = resolveNames(tensorList(CONFIGS.tiny), checkpoint, UNISPEECH.names);
  expect(unexpected).toEqual([]);
  expect(names.size).toBe(checkpoint.tensors.size);
  let elementCount = 0;
  for (const { name, shape } of tensorList(CONFIGS.tiny)) {
    const values = await checkpoint.readWhole(names.get(name) ?? '');
    const expected = new Float32Array(values.length);
    fillTensor(name, shape, expected);
    expect(values).toEqual(expected);
    elementCount += values.length;
  }
  expect(elementCount).toBe(parameterCount);
  await checkpoint.close();
});

test.each([
  'wav2vec2-tiny',
  'wav2vec2-large',
  'hubert-base',
  'unispeech-sat-base',
  'wavlm-base',
  'data2vec-base',
  'sew-base',
  'mms-1b',
] as const)('lists the tensors that the engine reads: %s', async (name) => {
  const config = benchConfig(name);
  const read = modelLayout(await loadArchitecture(config, CTC_HEAD)).flatMap(({ sources }) => sources);
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
    a.name < b.name ? -1 : 1;
  const listed = tensorList(CONFIGS[name]).map(({ name, shape }) => ({ name, shape }));
  expect(listed.sort(byName)).toEqual(read.map(({ name, shape }) => ({ name, shape })).sort(byName));
  expect(basePrefix(CONFIGS[name])).toBe(config.family.names.basePrefix);
});

test('an unknown head is an error', () => {
  expect(() => tensorList({ ...CONFIGS.tiny, architectures: ['UniSpeechForDancing'] })).toThrow(
    'UniSpeechForDancing',
  );
});

test('leaves no partial weights behind when writing fails', async () => {
  const occupied = path.join(folder, 'occupied');
  await mkdir(path.join(occupied, 'model.safetensors'), { recursive: true });
  await expect(writeCheckpoint(CONFIGS.tiny, occupied)).rejects.toThrow('model.safetensors');
  expect(await readdir(occupied)).not.toContainEqual(expect.stringContaining('partial'));
});
