/** Embeddings of speakers: clips that are too short for them, counts of frames, labels. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { X_VECTOR_HEAD } from '../../src/speech/heads/x-vector.ts';
import { Wav2Vec2ForXVector } from '../../src/speech/wav2vec2-models.ts';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { goldensFolder } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const folder = `${goldensFolder}family/w2v2_i_xvector_batch`;

let release: () => void;
let model: Wav2Vec2ForXVector;
beforeAll(async () => {
  release = await shareTestContext();
  model = await Wav2Vec2ForXVector.from_pretrained(folder);
});
afterAll(async () => {
  await model.dispose();
  release();
});

describe('a clip', () => {
  test('has an embedding from two frames behind the convolutions on, and is refused below', async () => {
    // 14 frames are lost in the convolutions of the head.
    const shortest = model.config.samplesFor(16);
    const { embeddings, logits } = await model({ input_values: inputSamples(0, shortest) });
    expect(embeddings.data.every(Number.isFinite)).toBe(true);
    expect([embeddings.dims, logits.dims]).toEqual([
      [1, 8],
      [1, 8],
    ]);
    await expect(model({ input_values: inputSamples(0, shortest - 1) })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(
        `too short for an embedding: it has 15 frames, but this model needs at least 16.*at least ${shortest} samples`,
      ) as string,
    });
    expect(() => model.explain([1, shortest - 1])).toThrow(`with at least ${shortest} samples`);
    expect(model.explain([1, shortest]).steps.at(-1)?.name).toBe('classifier');
  });

  test('in a batch may be as short as the formula of its frames allows', async () => {
    const long = inputSamples(0, 1500);
    // The formula leaves out the gaps: 8 frames are lost, 2 remain.
    const shortest = model.config.samplesFor(10);
    const { embeddings } = await model({ input_values: [long, inputSamples(1, shortest)] });
    expect(embeddings.data.every(Number.isFinite)).toBe(true);
    await expect(model({ input_values: [long, inputSamples(1, shortest - 1)] })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(
        `Row 1 of the batch is too short for an embedding: its ${shortest - 1} real samples leave 1 of the 2 frames.*at least ${shortest} samples`,
      ) as string,
    });
  });

  test('that has no padding is the same alone and with a mask of ones', async () => {
    const samples = inputSamples(0, 1200);
    const input_values = new Tensor('float32', samples, [1, 1200]);
    const attention_mask = [new Array<number>(1200).fill(1)];
    expect(await model({ input_values, attention_mask })).toEqual(await model({ input_values }));
  });
});

/** What the head makes of a batch of 3 s, with these numbers of real samples. */
async function countsOf(sampleCounts: readonly number[], isMasked = true): Promise<readonly number[]> {
  const config = UniSpeechConfig.fromJson({});
  const { graphInputs } = await X_VECTOR_HEAD.prepare({
    config,
    shape: { items: sampleCounts.length, samples: 48_000, frames: config.frameCount(48_000) },
    sampleCounts,
    isMasked,
    inputs: {},
  });
  return [...(graphInputs?.get('tdnn_counts') ?? [])];
}

test('frames are counted without dilations, up to those that there are, and from the end below zero', async () => {
  // 149 frames, of which 135 remain; the formula takes 8 from those of an item.
  expect(await countsOf([48_000, 45_500, 16_000, 2000])).toEqual([135, 133, 41, 133]);
  expect(await countsOf([48_000], false)).toEqual([]);
  // 8 frames of the formula leave none.
  await expect(countsOf([48_000, 2800])).rejects.toThrow(
    'leave 0 of the 2 frames that a mean and a deviation need',
  );
});

describe('labels', () => {
  const input_values = [inputSamples(0, 1000), inputSamples(1, 1200)];

  test('give a loss, and change nothing else', async () => {
    const { loss, ...others } = await model({ input_values, labels: [3, 0] });
    expect(loss?.dims).toEqual([]);
    expect(others).toEqual(await model({ input_values }));
    expect(Object.keys(others)).toEqual(['logits', 'embeddings']);
  });

  test('are speakers', async () => {
    await expect(model({ input_values, labels: [3, 6] })).rejects.toThrow(
      'Entry 1 of labels is 6, but it must be a class, from 0 to 5.',
    );
  });
});
