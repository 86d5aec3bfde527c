/** Weights in fewer bits at the size of a real model: half a minute on a software adapter. */
import { expect, test } from 'vitest';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { UniSpeechForCTC } from '../../src/speech/unispeech-models.ts';
import { CONFIGS, withCheckpoint } from '../helpers/checkpoints.ts';
import { GoldenFile, goldensFolder, relativeError } from '../helpers/golden.ts';

test(
  'base size, random weights: the logits stay near, in a fraction of the memory',
  { timeout: 400_000 },
  async () => {
    const expected = new GoldenFile(`${goldensFolder}base-size.safetensors`).tensor('1s.logits');
    await withCheckpoint(CONFIGS.base, async (folder) => {
      for (const [dtype, largestError, largestShare] of [
        ['fp16', 3e-3, 0.51],
        ['q8', 0.03, 0.29],
        ['q4', 0.5, 0.16],
      ] as const) {
        await using model = await UniSpeechForCTC.from_pretrained(folder, { dtype });
        const { logits } = await model({ input_values: inputSamples(0, 16_000) });
        const error = relativeError(logits, expected);
        console.log(`${dtype}: logits differ by ${error.toExponential(1)} of the largest`);
        expect(error).toBeLessThan(largestError);
        expect(model.runner.weights.byteLength).toBeLessThan(largestShare * 377.6e6);
      }
    });
  },
);
