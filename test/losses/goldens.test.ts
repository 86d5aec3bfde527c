/** Losses against those of PyTorch and transformers (`test/reference/losses.py`). */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { contrastiveLogits } from '../../src/losses/contrastive-logits.ts';
import { contrastiveLoss, diversityLoss } from '../../src/losses/contrastive-loss.ts';
import { crossEntropy } from '../../src/losses/cross-entropy.ts';
import { ctcLoss } from '../../src/losses/ctc-loss.ts';
import { perplexityOf, softPerplexity } from '../../src/losses/perplexity.ts';
import { GoldenFile, goldensFolder, relativeError } from '../helpers/golden.ts';

const golden = new GoldenFile(path.join(goldensFolder, 'losses.safetensors'));
const floats = (name: string) => golden.tensor(name) as Tensor<'float32'>;
const integers = (name: string) => golden.tensor(name) as Tensor<'int32'>;
const rowsOf = (table: Tensor<'int32'>) =>
  Array.from({ length: table.dims[0] ?? 0 }, (_, row) => table.at(row).data);

/** Of what the reference computes in float64; it is stored as float32. */
const DIGITS = 6;

describe.each([
  'plain',
  'blank_not_first',
  'empty_targets',
  'no_alignment',
  'needs_every_frame',
  'blank_as_label',
  'no_frames',
  'one_frame',
])('CTC, %s', (name) => {
  const inputs = {
    logits: floats(`ctc.${name}.logits`),
    labels: rowsOf(integers(`ctc.${name}.labels`)),
    frameCounts: Array.from(integers(`ctc.${name}.frame_counts`).data),
    blank: Number(golden.tensor(`ctc.${name}.blank`).item()),
  };

  test.each([
    ['none', false],
    ['none', true],
    ['sum', false],
    ['sum', true],
    ['mean', false],
    ['mean', true],
  ] as const)('%s, zeroInfinity %s', (reduction, zeroInfinity) => {
    const loss = ctcLoss(inputs, { reduction, zeroInfinity });
    const expected = floats(`ctc.${name}.${reduction}.${zeroInfinity ? 'zero' : 'inf'}`);
    expect(loss.dims).toEqual(expected.dims);
    expect(loss.dims).toEqual(reduction === 'none' ? [inputs.labels.length] : []);
    expected.data.forEach((value, item) => {
      const error = loss.data[item] === value ? 0 : Math.abs((loss.data[item] ?? NaN) / value - 1);
      expect(error).toBeLessThan(3e-7);
    });
  });
});

test.each(['plain', 'ignored', 'one_class'])('cross-entropy, %s', (name) => {
  const { data } = integers(`cross_entropy.${name}.labels`);
  const loss = crossEntropy(floats(`cross_entropy.${name}.logits`), data);
  expect(loss.dims).toEqual([]);
  expect(loss.item()).toBeCloseTo(Number(golden.tensor(`cross_entropy.${name}.loss`).item()), DIGITS);
});

describe('pre-training', () => {
  const predicted = floats('pre_training.projected_states');
  const quantized = floats('pre_training.projected_quantized_states');
  const masked = Uint8Array.from(integers('pre_training.mask_time_indices').data);
  const expected = (name: string) => Number(golden.tensor(`pre_training.${name}`).item());
  // Transformers computes in float32.
  const closeTo = (value: number, name: string) =>
    expect(Math.abs(value / expected(name) - 1)).toBeLessThan(1e-5);

  test('contrastive logits', () => {
    const targets = new Tensor('float32', quantized.data, [1, ...quantized.dims]);
    const negatives = floats('pre_training.negative_features');
    const logits = contrastiveLogits(targets, negatives, predicted, 0.2);
    expect(relativeError(logits, floats('pre_training.contrastive_logits'))).toBeLessThan(1e-6);
  });

  test('contrastive loss, with negatives that equal their positives', () => {
    const negatives = integers('pre_training.sampled_negative_indices');
    const loss = contrastiveLoss({ predicted, quantized, masked, negatives, temperature: 0.2 });
    closeTo(loss, 'contrastive_loss');
  });

  test('perplexity', () => {
    const logits = floats('pre_training.code_logits');
    const { data } = logits;
    const usesOf = (counts: (frame: number) => boolean): Float64Array => {
      const uses = new Float64Array(10);
      for (let first = 0; first < data.length; first += 5) {
        const row = data.subarray(first, first + 5);
        const code = (first % 10) + row.indexOf(Math.max(...row));
        if (counts(Math.floor(first / 10))) uses[code] = (uses[code] ?? 0) + 1;
      }
      return uses;
    };
    const maskedCount = masked.reduce((sum, bit) => sum + bit, 0);
    closeTo(
      perplexityOf(
        usesOf(() => true),
        2,
        masked.length,
      ),
      'perplexity',
    );
    closeTo(
      perplexityOf(
        usesOf((frame) => masked[frame] === 1),
        2,
        maskedCount,
      ),
      'masked_perplexity',
    );
    closeTo(softPerplexity(logits, 2, masked), 'soft_masked_perplexity');
  });

  test('diversity loss', () => {
    const maskedCount = masked.reduce((sum, bit) => sum + bit, 0);
    closeTo(diversityLoss(expected('masked_perplexity'), 10, maskedCount), 'diversity_loss');
  });
});
