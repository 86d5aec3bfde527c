/** How evenly a quantizer uses its codebook (`Wav2Vec2GumbelVectorQuantizer._compute_perplexity`). Sums are float64. */
import type { Tensor } from '../base/tensor.ts';
import { logSumExp } from './log-sum-exp.ts';

export interface PerplexityOptions {
  /** Groups of the codebook, each with as many codes. */
  readonly groups: number;
  /** False: a frame uses the code of its largest logit. True: it uses every code as much as softmax says, as in training. */
  readonly isSoft: boolean;
  /** Not zero at the frames that count. Without it all do. */
  readonly masked?: Uint8Array | undefined;
}

/**
 * Σ over groups of exp(−Σ p ln p), where p are the shares of the codes in all frames: `groups` if every group uses one code, and the number
 * of all codes if it uses all alike. NaN if no frame counts.
 * @param logits [B, T, groups · codes], without noise.
 */
export function codebookPerplexity(
  { data, dims }: Tensor<'float32'>,
  { groups, isSoft, masked }: PerplexityOptions,
): number {
  const width = dims.at(-1) ?? 0;
  const shares = new Float64Array(width);
  let frameCount = 0;
  for (let frame = 0; frame < data.length / width; frame++) {
    if (masked?.[frame] === 0) continue;
    frameCount += 1;
    const codeCount = width / groups;
    for (let first = 0; first < width; first += codeCount) {
      const row = data.subarray(frame * width + first, frame * width + first + codeCount);
      const norm = logSumExp(row);
      const chosen = row.indexOf(Math.max(...row));
      row.forEach((logit, code) => {
        const use = isSoft ? Math.exp(logit - norm) : Number(code === chosen);
        shares[first + code] = (shares[first + code] ?? 0) + use;
      });
    }
  }
  return perplexityOf(shares, groups, frameCount);
}

/**
 * The same from how much the frames together use each code.
 * @param uses [groups · codes], the sum over each group is `frameCount`.
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
