/** Heads on a batch that is run in parts: the results are those of the whole batch. */
import { afterAll, expect, test } from 'vitest';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { Tensor } from '../../src/base/tensor.ts';
import { compute_mask_indices } from '../../src/losses/mask-indices.ts';
import { sample_negative_indices } from '../../src/losses/negative-indices.ts';
import type { ModelInputs } from '../../src/speech/core/runner.ts';
import { loadRunner, type ModelKind } from '../../src/speech/core/load-runner.ts';
import type { OutputOf } from '../../src/speech/heads/later-heads.ts';
import {
  UniSpeechForPreTraining,
  UniSpeechForSequenceClassification,
} from '../../src/speech/unispeech-models.ts';
import { platform } from '#platform';
import { goldensFolder } from '../helpers/golden.ts';
import { openTestContext } from '../helpers/gpu.ts';

/** A batch of these clips is run whole on the first, and some clips at a time on the second. */
const contexts = [await openTestContext(), await openTestContext({ maxStorageBufferBindingSize: 2 ** 19 })];
afterAll(() => {
  for (const context of contexts) context.release();
});

const [items, samples] = [5, 12_000];
const clips = Array.from({ length: items }, (_, item) => inputSamples(item, samples - 1000 * item));

/** The result on each context. */
async function runOnBoth<K extends ModelKind>(kind: K, name: string, inputs: ModelInputs) {
  const results: { readonly output: OutputOf<K['head']>; readonly itemsPerRun: number }[] = [];
  for (const context of contexts) {
    const files = platform.openModelFiles(`${goldensFolder}tiny/${name}`);
    const runner = await loadRunner(files, [kind], () => Promise.resolve(context.retain()), { tune: 'off' });
    try {
      const output = await runner.call(inputs);
      results.push({ output, itemsPerRun: runner.explain([items, samples]).shape.items });
    } finally {
      await runner.dispose();
    }
  }
  const [whole, parts] = results;
  if (!whole || !parts) throw new Error('two contexts give two results');
  expect([whole.itemsPerRun, parts.itemsPerRun]).toEqual([5, 2]);
  return { whole: whole.output, parts: parts.output };
}

test('the logits of a classification', async () => {
  const { whole, parts } = await runOnBoth(UniSpeechForSequenceClassification, 'classification-weighted', {
    input_values: clips,
  });
  expect(parts.logits.dims).toEqual([items, 5]);
  expect(parts.logits.data).toEqual(whole.logits.data);
});

test('the perplexity of the codes, and mixed states', async () => {
  const frames = 599;
  const mask = Float32Array.from({ length: items * frames }, (_, i) => i % 2);
  const inputs = { input_values: clips, mix_mask: new Tensor('float32', mask, [items, frames]) };
  const { whole, parts } = await runOnBoth(UniSpeechForPreTraining, 'pre-training', inputs);
  expect(parts.codevector_perplexity).toEqual(whole.codevector_perplexity);
  expect(parts.projected_quantized_states).toEqual(whole.projected_quantized_states);
  expect(parts.logits).toEqual(whole.logits);
  expect(parts.logits?.dims).toEqual([items, frames, 9]);
});

test.each([{}, { gumbel: { seed: 3 } }])('the losses of pre-training, with %j', async (more) => {
  const shape = [items, 599];
  const mask_time_indices = compute_mask_indices({ shape, mask_prob: 0.3, mask_length: 4, seed: 1 });
  const negatives = { features_shape: shape, num_negatives: 3, mask_time_indices, seed: 2 };
  const sampled_negative_indices = sample_negative_indices(negatives);
  const inputs = { input_values: clips, mask_time_indices, sampled_negative_indices, ...more };
  const { whole, parts } = await runOnBoth(UniSpeechForPreTraining, 'pre-training', inputs);
  expect(parts.loss?.item()).toBeGreaterThan(0);
  expect(parts).toEqual(whole);
});
