/** How a quantizer chooses codes in training (Jang et al., 2017: categorical reparameterization with Gumbel-softmax). */
import type { SeededRandom } from '../base/seeded-random.ts';
import { Tensor } from '../base/tensor.ts';
import { logSumExp } from './log-sum-exp.ts';

/** A sample of the standard Gumbel distribution. The largest of logits plus noise falls on each index as often as softmax says. */
export const gumbelNoise = (random: SeededRandom): number => -Math.log(-Math.log(random.uniform()));

/**
 * softmax((logits + noise) / temperature) of each group, in float64: `torch.nn.functional.gumbel_softmax` with `hard=False`.
 * @param logits [B, T, groups · codes].
 * @param noise elements of rows of `rowStride`.
 */
export function gumbelSoftmax(
  { data, dims }: Tensor<'float32'>,
  noise: Float32Array,
  { groups, rowStride, temperature }: { groups: number; rowStride: number; temperature: number },
): Tensor<'float32'> {
  const width = dims.at(-1) ?? 0;
  const codeCount = width / groups;
  const probabilities = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += codeCount) {
    const noiseStart = Math.floor(start / width) * rowStride + (start % width);
    const scaled = Array.from(
      data.subarray(start, start + codeCount),
      (logit, code) => (logit + (noise[noiseStart + code] ?? 0)) / temperature,
    );
    const norm = logSumExp(scaled);
    probabilities.set(
      scaled.map((value) => Math.exp(value - norm)),
      start,
    );
  }
  return new Tensor('float32', probabilities, dims);
}
