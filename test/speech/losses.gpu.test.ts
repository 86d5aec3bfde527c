/** Calls with labels: losses of whole models against the reference's, in every form of labels, and what is refused. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { Tensor } from '../../src/base/tensor.ts';
import { UniSpeechForSequenceClassification } from '../../src/speech/unispeech-models.ts';
import { CONFIGS, UniSpeechForCTC, withCheckpoint } from '../helpers/checkpoints.ts';
import { shareTestContext } from '../helpers/gpu.ts';

interface LossVariant {
  readonly config: Readonly<Record<string, unknown>>;
  readonly ctc: {
    readonly labels: readonly (readonly number[])[];
    readonly loss_mean: number;
    readonly loss_sum: number;
  };
  readonly seqcls: { readonly loss_labels_2_0: number };
}

const vectors = JSON.parse(
  readFileSync(new URL('../reference/reference-vectors.json', import.meta.url), 'utf8'),
) as {
  readonly sample_count: number;
  readonly second_item_length: number;
  readonly variants: Readonly<Record<string, LossVariant>>;
};
const { sample_count: sampleCount, second_item_length: secondLength } = vectors;
const clips = [inputSamples(0, sampleCount), inputSamples(1, sampleCount)] as const;
const unmasked = {
  input_values: new Tensor('float32', Float32Array.of(...clips[0], ...clips[1]), [2, sampleCount]),
};
const masked = { input_values: [clips[0], clips[1].subarray(0, secondLength)] };
const variants = Object.entries(vectors.variants);
const [, first] = variants[0] ?? [];
if (!first) throw new Error('the vectors have no variant');
const tiny = { ...CONFIGS.base, ...first.config };
const { labels, loss_mean: mean, loss_sum: sum } = first.ctc;

let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

test.each(variants)('%s: CTC and cross-entropy', async (_, variant) => {
  const config = { ...CONFIGS.base, ...variant.config };
  const reduction = variant === first ? 'sum' : 'mean';
  await withCheckpoint({ ...config, ctc_loss_reduction: reduction }, async (folder) => {
    await using model = await UniSpeechForCTC.from_pretrained(folder);
    const { loss, logits } = await model({ ...masked, labels: variant.ctc.labels });
    expect(loss?.dims).toEqual([]);
    expect(loss?.item()).toBeCloseTo(variant.ctc[`loss_${reduction}`], 4);
    expect({ logits }).toEqual(await model(masked));
  });
  const classifier = { ...config, architectures: ['UniSpeechForSequenceClassification'] };
  await withCheckpoint(classifier, async (folder) => {
    await using model = await UniSpeechForSequenceClassification.from_pretrained(folder);
    const { loss } = await model({ ...unmasked, labels: [2, 0] });
    expect(loss?.dims).toEqual([]);
    expect(loss?.item()).toBeCloseTo(variant.seqcls.loss_labels_2_0, 5);
  });
});

describe('labels of a text', () => {
  const flat = labels.flat();
  const dims = [2, flat.length / 2];

  test('a loss for each item, as tensors and lists of any lengths', async () => {
    await withCheckpoint({ ...tiny, ctc_loss_reduction: 'none' }, async (folder) => {
      await using model = await UniSpeechForCTC.from_pretrained(folder);
      const { loss } = await model({ ...masked, labels });
      expect(loss?.dims).toEqual([2]);
      const [one = NaN, two = NaN] = loss?.data ?? [];
      expect(one + two).toBeCloseTo(sum, 4);
      const lengths = labels.map((row) => row.filter((label) => label >= 0).length);
      expect((one / (lengths[0] ?? 0) + two / (lengths[1] ?? 0)) / 2).toBeCloseTo(mean, 4);
      for (const others of [
        new Tensor('int64', BigInt64Array.from(flat, BigInt), dims),
        new Tensor('int32', Int32Array.from(flat), dims),
        labels.map((row) => row.filter((label) => label >= 0)),
        labels.map((row) => BigInt64Array.from(row, BigInt)),
      ])
        expect((await model({ ...masked, labels: others })).loss).toEqual(loss);
      expect(await model({ ...masked, labels: null })).not.toHaveProperty('loss');
    });
  });

  test('more labels than frames: infinity, or zero where the configuration says so', async () => {
    const long = [new Array<number>(50).fill(1), [1]];
    for (const ctc_zero_infinity of [false, true]) {
      const config = { ...tiny, ctc_loss_reduction: 'none', ctc_zero_infinity };
      await withCheckpoint(config, async (folder) => {
        await using model = await UniSpeechForCTC.from_pretrained(folder);
        const { loss } = await model({ ...masked, labels: long });
        expect(loss?.data[0]).toBe(ctc_zero_infinity ? 0 : Infinity);
        expect(loss?.data[1]).toBeGreaterThan(0);
      });
    }
  });

  test('what does not fit is one sentence, and the model works on', async () => {
    await withCheckpoint(tiny, async (folder) => {
      await using model = await UniSpeechForCTC.from_pretrained(folder);
      const refuses = async (inputs: object, message: string) =>
        expect(model({ ...masked, ...inputs })).rejects.toThrow(message);
      await refuses({ labels: [[1]] }, 'labels has 1 rows, but the batch has 2 items.');
      await refuses(
        { labels: [[1], [12]] },
        'Entry 0 of row 1 of labels is 12, but it must be below vocab_size, 12.',
      );
      await refuses({ labels: [[1], [0.5]] }, 'Entry 0 of row 1 of labels is 0.5');
      await refuses({ label: [[1], [2]] }, 'A model call has no option "label"');
      const attention_mask = [new Uint8Array(sampleCount).fill(1), new Uint8Array(sampleCount)];
      await refuses(
        { ...unmasked, attention_mask, labels },
        'Row 1 of the batch has 0 real samples, too few for a loss.',
      );
      expect((await model({ ...masked, labels })).loss?.item()).toBeCloseTo(mean, 4);
    });
  });

  test('a blank outside the vocabulary is named, and only a loss needs it', async () => {
    await withCheckpoint({ ...tiny, pad_token_id: 12 }, async (folder) => {
      await using model = await UniSpeechForCTC.from_pretrained(folder);
      await expect(model({ ...masked, labels })).rejects.toMatchObject({
        code: 'bad-config',
        message:
          'config.json: "pad_token_id" is 12, but as the blank of the CTC loss it must be below "vocab_size", 12.',
      });
      expect(await model(masked)).toHaveProperty('logits');
    });
  });
});

test('labels of classes: −100 does not count, others are refused', async () => {
  const classifier = { ...tiny, architectures: ['UniSpeechForSequenceClassification'] };
  await withCheckpoint(classifier, async (folder) => {
    await using model = await UniSpeechForSequenceClassification.from_pretrained(folder);
    const { loss } = await model({ input_values: clips[0], labels: [2] });
    const both = await model({ ...masked, labels: BigInt64Array.of(2n, -100n) });
    expect(both.loss?.item()).toBeCloseTo(Number(loss?.item()), 5);
    await expect(model({ ...masked, labels: [0, 3] })).rejects.toThrow(
      'Entry 1 of labels is 3, but it must be a class, from 0 to 2.',
    );
  });
});
