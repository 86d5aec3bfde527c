/** The parts of the loss of pre-training in which the reference has no number, or draws one. */
import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { contrastiveLogits } from '../../src/losses/contrastive-logits.ts';
import { contrastiveLoss, diversityLoss } from '../../src/losses/contrastive-loss.ts';
import { gumbelNoise, gumbelSoftmax } from '../../src/losses/gumbel-softmax.ts';
import { perplexityOf, softPerplexity } from '../../src/losses/perplexity.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';

const floats = (dims: readonly number[], ...values: readonly number[]) =>
  new Tensor('float32', Float32Array.from(values), dims);

describe('contrastive logits', () => {
  const predicted = floats([1, 1, 2], 3, 4);

  test('are cosines by the temperature; of a vector of zeros they are 0', () => {
    const targets = floats([1, 1, 1, 2], 4, 3);
    const negatives = floats([2, 1, 1, 2], -3, -4, 0, 0);
    const logits = contrastiveLogits(targets, negatives, predicted, 0.5);
    expect(logits.dims).toEqual([3, 1, 1]);
    [1.92, -2, 0].forEach((value, i) => expect(logits.data[i]).toBeCloseTo(value, 6));
  });

  const one = floats([1, 1, 1, 2], 1, 1);
  test.each([
    [
      'predictions',
      [one, one, one, 1],
      /^predicted_features is a tensor of type float32 and dims \[1, 1, 1, 2\], but it must be a float32 tensor of dims \[batch, frames, width\]\.$/,
    ],
    [
      'targets',
      [predicted, one, predicted, 1],
      /^target_features is .* dims \[1, 1, 2\], but it must be a float32 tensor of dims \[1, 1, 1, 2\]\.$/,
    ],
    [
      'negatives',
      [one, predicted, predicted, 1],
      /^negative_features is .* it must be a float32 tensor of dims \[negatives, 1, 1, 2\]\.$/,
    ],
    ['kind of negatives', [one, [[1]], predicted, 1], /^negative_features is an array of 1/],
    ['temperature', [one, one, predicted, 0], /^temperature is 0, but it must be a number above 0\.$/],
    ['temperature', [one, one, predicted, NaN], /^temperature is NaN/],
  ] as const)('refuse wrong %s (%#)', (_, given, message) => {
    const call = contrastiveLogits as (...args: readonly unknown[]) => unknown;
    expect(() => call(...given)).toThrow(message);
  });
});

test('the contrastive loss counts masked frames only, and no negative that equals the positive', () => {
  const predicted = floats([1, 3, 2], 1, 0, 0, 1, 1, 1);
  const quantized = floats([1, 3, 2], 1, 0, 1, 0, 0, 1);
  const negatives = new Tensor('int32', Int32Array.of(1, 2, 0, 2, 0, 1), [1, 3, 2]);
  const lossOf = (...masked: readonly number[]) =>
    contrastiveLoss({ predicted, quantized, negatives, masked: Uint8Array.from(masked), temperature: 0.5 });
  // Frame 0: itself with cosine 1, frame 2 with cosine 0. Frame 1 has the features of frame 0.
  expect(lossOf(1, 0, 0)).toBeCloseTo(Math.log(Math.exp(2) + 1) - 2, 12);
  // Frame 2: three equal cosines.
  expect(lossOf(0, 0, 1)).toBeCloseTo(Math.log(3), 12);
  expect(lossOf(1, 0, 1)).toBeCloseTo(lossOf(1, 0, 0) + lossOf(0, 0, 1), 12);
  expect(lossOf(0, 0, 0)).toBe(0);
});

test('the diversity loss is the unused share of the codes for each masked frame', () => {
  expect(diversityLoss(4, 16, 10)).toBe(7.5);
  expect(diversityLoss(16, 16, 10)).toBe(0);
});

describe('perplexity', () => {
  test('goes from one code a group to all codes', () => {
    expect(perplexityOf(Float32Array.of(3, 0, 0, 3), 2, 3)).toBe(2);
    expect(perplexityOf(Float32Array.of(2, 2, 2, 2), 2, 4)).toBeCloseTo(4, 12);
    expect(softPerplexity(floats([1, 1, 4], 0, 0, 0, 0), 2)).toBeCloseTo(4, 12);
    expect(softPerplexity(floats([1, 1, 4], 99, 0, 0, 99), 2)).toBeCloseTo(2, 12);
  });

  test('is that of the frames that count, and NaN without any', () => {
    const logits = floats([1, 2, 2], 0, 0, 99, 0);
    expect(softPerplexity(logits, 1, Uint8Array.of(0, 1))).toBeCloseTo(1, 12);
    expect(softPerplexity(logits, 1, Uint8Array.of(1, 0))).toBeCloseTo(2, 12);
    expect(softPerplexity(logits, 1, new Uint8Array(2))).toBeNaN();
  });
});

describe('Gumbel softmax', () => {
  test('is the softmax of logits plus noise by the temperature, for each group', () => {
    const logits = floats([1, 2, 4], 1, 2, 0, 0, 0, 0, 3, 1);
    const noise = Float32Array.of(1, 0, 0, 2, 9, 9, 0, 1, 0, 0, 9, 9);
    const { dims, data } = gumbelSoftmax(logits, noise, { groups: 2, rowStride: 6, temperature: 2 });
    expect(dims).toEqual([1, 2, 4]);
    const share = (difference: number) => 1 / (1 + Math.exp(difference / 2));
    [share(0), share(0), share(2), share(-2), share(1), share(-1), share(-2), share(2)].forEach((value, i) =>
      expect(data[i]).toBeCloseTo(value, 6),
    );
  });

  test('noise chooses each code as often as softmax says', () => {
    const logits = [2, 0, 1];
    const random = new SeededRandom(11);
    const counts = [0, 0, 0];
    for (let draw = 0; draw < 20_000; draw++) {
      const noisy = logits.map((logit) => logit + gumbelNoise(random));
      const chosen = noisy.indexOf(Math.max(...noisy));
      counts[chosen] = (counts[chosen] ?? 0) + 1;
    }
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    logits.forEach((logit, code) =>
      expect((counts[code] ?? 0) / 20_000).toBeCloseTo(Math.exp(logit) / total, 2),
    );
  });
});
