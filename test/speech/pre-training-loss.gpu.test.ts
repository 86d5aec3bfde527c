/** The loss of pre-training, and codes chosen as in training, against the reference (`test/reference/losses.py`). */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { gumbelNoise } from '../../src/losses/gumbel-softmax.ts';
import { compute_mask_indices } from '../../src/losses/mask-indices.ts';
import { sample_negative_indices } from '../../src/losses/negative-indices.ts';
import { UniSpeechForPreTraining } from '../../src/speech/unispeech-models.ts';
import { GoldenFile, goldensFolder, relativeError } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const folder = path.join(goldensFolder, 'tiny/pre-training');
const golden = new GoldenFile(path.join(goldensFolder, 'losses.safetensors'));
const expected = (name: string) => golden.tensor(`unispeech.${name}`);
const input_values = new GoldenFile(path.join(folder, 'golden.safetensors')).tensor('input_values');
const mask_time_indices = expected('mask_time_indices');
const sampled_negative_indices = expected('sampled_negative_indices');
const [items = 0, frames = 0] = mask_time_indices.dims;
const GROUPS = 2;
const CODES = 6;
const WIDTH = GROUPS * CODES;

const TOLERANCE = 1e-5;
const expectScalar = (actual: Tensor | undefined, name: string) => {
  expect(actual?.dims).toEqual([]);
  expect(Math.abs(Number(actual?.item()) / Number(expected(name).item()) - 1)).toBeLessThan(TOLERANCE);
};

let release: () => void;
let model: UniSpeechForPreTraining;
beforeAll(async () => {
  release = await shareTestContext();
  model = await UniSpeechForPreTraining.from_pretrained(folder);
});
afterAll(async () => {
  await model.dispose();
  release();
});

test('mask and negatives give the loss; the states are those of the masked encoder', async () => {
  const output = await model({ input_values, mask_time_indices, sampled_negative_indices });
  for (const name of ['projected_states', 'projected_quantized_states'] as const)
    expect(relativeError(output[name], expected(name))).toBeLessThan(TOLERANCE);
  for (const name of ['loss', 'contrastive_loss', 'diversity_loss'] as const)
    expectScalar(output[name], name);
  // All frames, as without a loss.
  expectScalar(output.codevector_perplexity, 'perplexity');

  const { loss, contrastive_loss, diversity_loss, ...rest } = output;
  expect(loss && contrastive_loss && diversity_loss).toBeInstanceOf(Tensor);
  expect(await model({ input_values, mask_time_indices })).toEqual(rest);
});

test('other forms of the indices, and those that are drawn from a seed', async () => {
  const given = await model({ input_values, mask_time_indices, sampled_negative_indices });
  const lists = Array.from({ length: items }, (_, item) =>
    Array.from({ length: frames }, (_, frame) =>
      Array.from(sampled_negative_indices.at(item).at(frame).data as Int32Array),
    ),
  );
  const same = await model({ input_values, mask_time_indices, sampled_negative_indices: lists });
  expect(same.loss).toEqual(given.loss);

  const shape = [items, frames];
  const mask = compute_mask_indices({ shape, mask_prob: 0.5, mask_length: 3, min_masks: 2, seed: 5 });
  const drawn = sample_negative_indices({
    features_shape: shape,
    num_negatives: 4,
    mask_time_indices: mask,
    seed: 6,
  });
  const { loss } = await model({
    input_values,
    mask_time_indices: mask,
    sampled_negative_indices: drawn,
  });
  const maskedCount = mask.data.reduce((sum, bit) => sum + bit, 0);
  // Between knowing each frame for sure and the worst of cosines.
  expect(loss?.item()).toBeGreaterThan(0);
  expect(loss?.item()).toBeLessThan(maskedCount * (Math.log(5) + 20 + 0.1));
});

describe('codes chosen as in training', () => {
  const gumbel = { seed: 7 };

  test('come from the seed, and not from the temperature', async () => {
    const first = await model({ input_values, gumbel });
    expect(await model({ input_values, gumbel })).toEqual(first);
    const plain = await model({ input_values });
    const other = await model({ input_values, gumbel: { seed: 8 } });
    const cold = await model({ input_values, gumbel: { seed: 7, temperature: 0.5 } });
    expect(other.projected_quantized_states).not.toEqual(first.projected_quantized_states);
    expect(plain.projected_quantized_states).not.toEqual(first.projected_quantized_states);
    expect(plain).not.toHaveProperty('codevector_probs');
    expect(cold.projected_quantized_states).toEqual(first.projected_quantized_states);
    expect(cold.codevector_probs).not.toEqual(first.codevector_probs);
    expect(first.codevector_probs?.dims).toEqual([items, frames, WIDTH]);
  });

  test('are those with the most of logit and noise', async () => {
    const outputs = await model.runner.run({ input_values, gumbel } as Parameters<typeof model>[0]);
    const { codevector_probs: soft, projected_quantized_states: states } = await model({
      input_values,
      gumbel,
    });
    const logits = outputs.get('code_logits');
    if (!logits || !soft) throw new Error('an output is missing');
    const random = new SeededRandom(gumbel.seed);
    const noisy = logits.data.map((logit) => logit + gumbelNoise(random));
    // Equal codes have equal vectors, others do not: the vectors tell which codes were chosen.
    const codesOf = new Map<string, string>();
    for (let frame = 0; frame < items * frames; frame++) {
      const codes = Array.from({ length: GROUPS }, (_, group) => {
        const first = frame * WIDTH + group * CODES;
        const row = noisy.subarray(first, first + CODES);
        const code = row.indexOf(Math.max(...row));
        const probabilities = soft.data.subarray(first, first + CODES);
        expect(probabilities.indexOf(Math.max(...probabilities))).toBe(code);
        expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
        return code;
      });
      const vector = states.data.subarray(frame * 24, (frame + 1) * 24).join();
      expect(codesOf.get(vector) ?? codes.join()).toBe(codes.join());
      codesOf.set(vector, codes.join());
    }
    expect(new Set(codesOf.values()).size).toBe(codesOf.size);
    expect(codesOf.size).toBeGreaterThan(10);
  });

  test('have the perplexity of the softmax of their logits, of which the loss takes that of the masked frames', async () => {
    const output = await model({ input_values, mask_time_indices, sampled_negative_indices, gumbel });
    expectScalar(output.codevector_perplexity, 'soft_perplexity');
    const maskedCount = (mask_time_indices.data as Int32Array).reduce((sum, bit) => sum + bit, 0);
    const perplexity = Number(expected('soft_masked_perplexity').item());
    expect(output.diversity_loss?.item()).toBeCloseTo(((WIDTH - perplexity) / WIDTH) * maskedCount, 4);
  });
});

test.each([
  [
    'no mask',
    { sampled_negative_indices },
    'bad-input',
    'sampled_negative_indices needs mask_time_indices, as only masked frames count in the loss.',
  ],
  [
    'a mask of another shape',
    { sampled_negative_indices, mask_time_indices: [[1]] },
    'bad-input',
    /^mask_time_indices must have the shape \[2, 19\]/,
  ],
  [
    'negatives of another shape',
    { sampled_negative_indices: [[[1]]], mask_time_indices },
    'bad-input',
    /^sampled_negative_indices is an array of 1, but it must be of dims \[2, 19, negatives of a frame\]\.$/,
  ],
  [
    'no seed',
    { gumbel: {} },
    'bad-option',
    /^The seed of gumbel is undefined, but it must be a whole number/,
  ],
  ['a number', { gumbel: 7 }, 'bad-option', 'gumbel is 7, but it must be an object with a seed.'],
  [
    'a temperature of 0',
    { gumbel: { seed: 1, temperature: 0 } },
    'bad-option',
    'The temperature of gumbel is 0, but it must be a number from 1e-6 to 1e6.',
  ],
  ['another option', { gumbel: { seed: 1, tau: 1 } }, 'bad-option', /^gumbel has no option "tau"/],
])('refuses %s', async (_, inputs: object, code, message) => {
  await expect(model({ input_values, ...inputs })).rejects.toMatchObject({
    code,
    message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
  });
});

test('compute_contrastive_logits is the one of the reference', () => {
  const targets = golden.tensor('pre_training.projected_quantized_states') as Tensor<'float32'>;
  const logits = UniSpeechForPreTraining.compute_contrastive_logits(
    new Tensor('float32', targets.data, [1, ...targets.dims]),
    golden.tensor('pre_training.negative_features') as Tensor<'float32'>,
    golden.tensor('pre_training.projected_states') as Tensor<'float32'>,
  );
  const expectedLogits = golden.tensor('pre_training.contrastive_logits') as Tensor<'float32'>;
  const warm = expectedLogits.data.map((logit) => logit * 0.2);
  expect(relativeError(logits, new Tensor('float32', warm, expectedLogits.dims))).toBeLessThan(1e-6);
});
