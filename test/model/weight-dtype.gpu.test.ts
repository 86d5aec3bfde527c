/** Weights in fewer bits: the tokens stay, the memory shrinks, and the same file gives every precision. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dtype } from '../../src/model/weight-dtype.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../helpers/clips.ts';
import { argmax } from '../helpers/golden.ts';
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
