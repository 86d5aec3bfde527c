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
import { Wav2Vec2ForCTC } from '../../src/speech/wav2vec2-models.ts';
import { familyModel } from '../helpers/family-models.ts';
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

/** Without the table of sizes. */
async function quietly<T>(command: () => Promise<T>): Promise<T> {
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    return await command();
  } finally {
    stdout.mockRestore();
  }
}

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
  const command = { name: 'quantize', input, output, dtype: 'q8' } as const;
  expect(await quietly(() => quantize(command, new AbortController().signal))).toBe(0);
  const inputs = { input_values: [inputSamples(0, 1000), inputSamples(1, 900)] };
  await using whole = await loadAnyModel(input, { dtype: 'q8' });
  await using quantized = await loadAnyModel(output, {});
  expect(whole).toBeInstanceOf(modelClass);
  expect(quantized).toBeInstanceOf(modelClass);
  expect(await quantized(inputs)).toEqual(await whole(inputs));
});

test.each(['q8', 'fp16'] as const)(
  'a folder quantized to %s has the languages of the original',
  async (dtype) => {
    using mms = familyModel('w2v2_c_ctc_attn_adapter_langs');
    const output = path.join(folder, `mms-${dtype}`);
    await quietly(() =>
      quantize({ name: 'quantize', input: mms.folder, output, dtype }, new AbortController().signal),
    );
    const inputs = { input_values: mms.clips };
    await using quantized = await Wav2Vec2ForCTC.from_pretrained(output, { target_lang: 'fra' });
    for (const target_lang of ['fra', 'ita']) {
      await quantized.load_adapter(target_lang);
      await using whole = await Wav2Vec2ForCTC.from_pretrained(mms.folder, { dtype, target_lang });
      expect(await quantized(inputs)).toEqual(await whole(inputs));
    }
  },
);
