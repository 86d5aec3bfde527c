/**
 * Measures of a phoneme on the frames that an alignment gives it. They depend on that alignment, which CTC makes one or two frames short, so they are less steady
 * than the sums over all alignments; regressions on human scores use them beside those.
 */
import type { FrameLogProbs } from '../decode/ctc-sums.ts';

/** On the n frames of the aligned run; p are posteriors, z raw logits. */
export interface SegmentFeatures {
  /** ln of the mean of p: GOP-SA. */
  readonly gop_sa: number;
  /** Mean of ln p: LPP (Hu et al., 2015). */
  readonly lpp: number;
  /** LPP less the largest LPP of any phoneme: GOP-NN. At most 0. */
  readonly gop_nn: number;
  /** Largest z (Parikh et al., 2025, arXiv 2506.12067, and the next two). */
  readonly max_logit: number;
  /** Mean of z less the largest z of another phoneme. */
  readonly mean_margin: number;
  /** Variance of z, of the population. */
  readonly var_logit: number;
}

/** @param run `[start, end)`, at least one frame. */
export function segmentFeatures(
  logProbs: FrameLogProbs,
  logits: Float32Array,
  token: number,
  candidates: readonly number[],
  [start, end]: readonly [start: number, end: number],
): SegmentFeatures {
  const { data, vocabSize } = logProbs;
  const count = end - start;
  const meanOf = (valueAt: (offset: number) => number): number => {
    let sum = 0;
    for (let frame = start; frame < end; frame += 1) sum += valueAt(frame * vocabSize);
    return sum / count;
  };
  const lppOf = (id: number): number => meanOf((offset) => data[offset + id] ?? -Infinity);
  const logit = (offset: number, id: number): number => logits[offset + id] ?? -Infinity;
  const lpp = lppOf(token);
  const best = candidates.reduce((largest, id) => Math.max(largest, lppOf(id)), lpp);
  const others = candidates.filter((id) => id !== token);
  const rivalAt = (offset: number): number =>
    others.reduce((largest, id) => Math.max(largest, logit(offset, id)), -Infinity);
  const mean = meanOf((offset) => logit(offset, token));
  let largest = -Infinity;
  for (let frame = start; frame < end; frame += 1)
    largest = Math.max(largest, logit(frame * vocabSize, token));
  return {
    gop_sa: Math.log(meanOf((offset) => Math.exp(data[offset + token] ?? -Infinity))),
    lpp,
    gop_nn: lpp - best,
    max_logit: largest,
    mean_margin: meanOf((offset) => logit(offset, token) - rivalAt(offset)),
    var_logit: meanOf((offset) => (logit(offset, token) - mean) ** 2),
  };
}
