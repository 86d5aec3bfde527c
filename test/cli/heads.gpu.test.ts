/** Commands that take a model of any class: the weights of each head, quantized and loaded. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { loadAnyModel } from '../../src/cli/load-any-model.ts';
import { quantize } from '../../src/cli/quantize.ts';
import {
  UniSpeechForCTC,
  UniSpeechForPreTraining,
  UniSpeechForSequenceClassification,
  UniSpeechModel,
} from '../../src/speech/unispeech-models.ts';
import { Wav2Vec2ForAudioFrameClassification, Wav2Vec2ForXVector } from '../../src/speech/wav2vec2-models.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-heads-'));
let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => {
  release();
  rmSync(folder, { recursive: true });
});

test.each([
  ['layer-stable', UniSpeechForCTC],
  ['classification-weighted', UniSpeechForSequenceClassification],
  ['pre-training-odd-sizes', UniSpeechForPreTraining],
  ['base-only', UniSpeechModel],
  ['w2v2_h_frames_weighted', Wav2Vec2ForAudioFrameClassification],
  ['w2v2_i_xvector_batch', Wav2Vec2ForXVector],
])('%s, quantized, gives what the same dtype gives at loading', async (name, modelClass) => {
  const input = `${goldensFolder}${name.startsWith('w2v2') ? 'family' : 'tiny'}/${name}`;
  const output = path.join(folder, name);
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const command = { name: 'quantize', input, output, dtype: 'q8' } as const;
    expect(await quantize(command, new AbortController().signal)).toBe(0);
  } finally {
    stdout.mockRestore();
  }
  const inputs = { input_values: [inputSamples(0, 1000), inputSamples(1, 900)] };
  await using whole = await loadAnyModel(input, { dtype: 'q8' });
  await using quantized = await loadAnyModel(output, {});
  expect(whole).toBeInstanceOf(modelClass);
  expect(quantized).toBeInstanceOf(modelClass);
  expect(await quantized(inputs)).toEqual(await whole(inputs));
});
