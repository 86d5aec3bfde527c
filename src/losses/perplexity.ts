/** How evenly a quantizer uses its codebook (`Wav2Vec2GumbelVectorQuantizer._compute_perplexity`). Sums are float64. */
import type { Tensor } from '../base/tensor.ts';
import { logSumExp } from './log-sum-exp.ts';

/**
 * Σ over groups of exp(−Σ p ln p), where p are the shares of the codes in all frames: `groups` if every group uses one code, and the number
 * of all codes if it uses all alike. NaN if no frame counts.
 * @param uses [groups · codes], how much the frames together use each code; the sum over each group is `frameCount`.
 */
export function perplexityOf(uses: Float32Array | Float64Array, groups: number, frameCount: number): number {
  const codeCount = uses.length / groups;
  let sum = 0;
  for (let first = 0; first < uses.length; first += codeCount) {
    let entropy = 0;
    for (const use of uses.subarray(first, first + codeCount)) {
      const p = use / frameCount;
      if (p !== 0) entropy -= p * Math.log(p);
    }
    sum += Math.exp(entropy);
  }
  return sum;
}

/**
 * The perplexity in training, where a frame uses every code as much as softmax says.
 * @param logits [B, T, groups · codes], without noise.
 * @param masked not zero at the frames that count; without it all do.
 */
export function softPerplexity(
  { data, dims }: Tensor<'float32'>,
  groups: number,
  masked?: Uint8Array,
): number {
  const width = dims.at(-1) ?? 0;
  const codeCount = width / groups;
  const uses = new Float64Array(width);
  let frameCount = 0;
  for (let frame = 0; frame < data.length / width; frame++) {
    if (masked?.[frame] === 0) continue;
    frameCount += 1;
    for (let first = 0; first < width; first += codeCount) {
      const row = data.subarray(frame * width + first, frame * width + first + codeCount);
      const norm = logSumExp(row);
      row.forEach((logit, code) => {
        uses[first + code] = (uses[first + code] ?? 0) + Math.exp(logit - norm);
      });
    }
  }
  return perplexityOf(uses, groups, frameCount);
}
