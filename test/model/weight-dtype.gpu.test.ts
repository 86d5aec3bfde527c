/** Weights in fewer bits: the tokens stay, the memory shrinks, and the same file gives every precision. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { UniSpeechForCTC, UniSpeechModel } from '../../src/model/models.ts';
import type { Dtype } from '../../src/model/weight-dtype.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { CONFIGS, withCheckpoint } from '../helpers/checkpoints.ts';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../helpers/clips.ts';
import { argmax, GoldenFile, goldensFolder, relativeError } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

/** Share of frames of all demo clips whose most likely token is the reference's. */
async function agreement(dtype: Dtype): Promise<number> {
  await using recognize = await pipeline('automatic-speech-recognition', modelFolder, { dtype });
  let same = 0;
  let total = 0;
  for (const { file, ids } of readClipGoldens('demo.json')) {
    const { input_values } = await recognize.processor(await readSamples(clipFolder + file));
    const { logits } = await recognize.model({ input_values });
    const found = argmax(logits);
    expect(found).toHaveLength(ids.length);
    same += found.filter((id, frame) => id === ids[frame]).length;
    total += ids.length;
  }
  return same / total;
}

describe('tokens of the demo clips', () => {
  test.each([
    ['fp32', 1],
    ['fp16', 1],
    ['q8', 0.995],
    ['q4', 0.97],
  ] as const)('%s: at least %d of the frames', async (dtype, least) => {
    const share = await agreement(dtype);
    console.log(`${dtype}: ${(100 * share).toFixed(2)} % of the frames`);
    expect(share).toBeGreaterThanOrEqual(least);
  });
});

describe('models of odd shapes', () => {
  const models = JSON.parse(readFileSync(`${goldensFolder}tiny/index.json`, 'utf8')) as readonly {
    readonly name: string;
    readonly runs: readonly string[];
  }[];
  // What rounding costs a model of a few dozen random channels; a wrong layout costs all.
  const TOLERANCES = { fp16: 5e-3, q8: 0.1, q4: 0.9 } as const;

  test.each(models.filter(({ runs }) => runs.includes('unmasked')))('$name', async ({ name }) => {
    const folder = `${goldensFolder}tiny/${name}`;
    const golden = new GoldenFile(`${folder}/golden.safetensors`);
    const input_values = golden.tensor('input_values');
    const expected = golden.tensor('unmasked.last_hidden_state');
    const errors: number[] = [];
    for (const dtype of ['fp16', 'q8', 'q4'] as const) {
      await using model = await UniSpeechModel.from_pretrained(folder, { dtype });
      const { last_hidden_state } = await model({ input_values });
      const error = relativeError(last_hidden_state, expected);
      expect(error, dtype).toBeLessThan(TOLERANCES[dtype]);
      errors.push(error);
    }
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
  });
});

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
