/**
 * Connectionist temporal classification (Graves et al., 2006): how unlikely a model finds the labels of a clip, over all their alignments
 * with its frames. The arithmetic and the edge cases are those of PyTorch (`aten/src/ATen/native/LossCTC.cpp`).
 */
import type { Tensor } from '../base/tensor.ts';
import { lossTensor } from './loss-tensor.ts';
import { logSumExp } from './log-sum-exp.ts';

export type CTCReduction = 'none' | 'sum' | 'mean';

export interface CTCLossInputs {
  /** [B, T, V], raw: no softmax. */
  readonly logits: Tensor<'float32'>;
  /** Frames of each item that count, from the first one on. */
  readonly frameCounts: readonly number[];
  /** Labels of each item, below V. Negative ones are left out. */
  readonly labels: readonly Int32Array[];
  /** The label of the blank. Among the labels of an item it is a label like others. */
  readonly blank: number;
}

export interface CTCLossOptions {
  /** `'none'`: a loss for each item; `'sum'`: their sum; `'mean'`: each divided by its number of labels (at least 1), then the mean. */
  readonly reduction: CTCReduction;
  /** Whether the loss of an item that has no alignment counts as 0 instead of Infinity. */
  readonly zeroInfinity: boolean;
}

/** @returns [] or, for `'none'`, [B]. Everything in between is float64. */
export function ctcLoss(
  { logits, frameCounts, labels, blank }: CTCLossInputs,
  { reduction, zeroInfinity }: CTCLossOptions,
): Tensor<'float32'> {
  const targets = labels.map((row) => row.filter((label) => label >= 0));
  const losses = targets.map((target, item) => {
    const loss = itemLoss(logits.at(item), frameCounts[item] ?? 0, target, blank);
    return zeroInfinity && loss === Infinity ? 0 : loss;
  });
  if (reduction === 'none') return lossTensor(losses);
  const isMean = reduction === 'mean';
  const total = losses.reduce(
    (sum, loss, item) => sum + loss / (isMean ? Math.max(targets[item]?.length ?? 0, 1) : 1),
    0,
  );
  return lossTensor(isMean ? total / losses.length : total);
}

/**
 * The forward algorithm. A state is a label or one of the blanks around labels: state 2i + 1 is label i. `reached[state]` is the
 * logarithm of the probability of all paths that are there after the frames so far.
 */
function itemLoss({ data, dims }: Tensor<'float32'>, frameCount: number, target: Int32Array, blank: number) {
  const vocabularySize = dims[1] ?? 0;
  const frames = data.subarray(0, frameCount * vocabularySize);
  if (frames.includes(NaN)) return NaN;
  // Each label needs a frame.
  if (target.length > frameCount) return Infinity;
  const stateCount = 2 * target.length + 1;
  const labelOf = (state: number): number => (state % 2 === 0 ? blank : (target[(state - 1) / 2] ?? blank));
  let reached = new Float64Array(stateCount).fill(-Infinity);
  let next = new Float64Array(stateCount);
  // Before the first frame: from here it leads to the first blank or the first label.
  reached[0] = 0;
  for (let frame = 0; frame < frameCount; frame++) {
    const row = frames.subarray(frame * vocabularySize, (frame + 1) * vocabularySize);
    const norm = logSumExp(row);
    for (let state = 0; state < stateCount; state++) {
      const label = labelOf(state);
      // Only between different labels the blank may be left out.
      const maySkip = state % 2 === 1 && state > 1 && label !== labelOf(state - 2);
      const paths = logSumExp([
        reached[state] ?? -Infinity,
        reached[state - 1] ?? -Infinity,
        maySkip ? (reached[state - 2] ?? -Infinity) : -Infinity,
      ]);
      next[state] = paths + (row[label] ?? NaN) - norm;
    }
    [reached, next] = [next, reached];
  }
  return 0 - logSumExp(reached.subarray(-2));
}
