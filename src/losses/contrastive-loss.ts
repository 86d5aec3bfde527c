/**
 * The losses of pre-training (wav2vec 2.0, Baevski et al., 2020, equations 3 and 4; `Wav2Vec2ForPreTraining` in `modeling_wav2vec2.py`): from
 * the encoder's output at a masked frame, the model has to pick the quantized features of that frame among those of other frames, and to use
 * the whole codebook. Sums are float64.
 */
import type { Tensor } from '../base/tensor.ts';
import { cosineSimilarity, rowsOf } from './contrastive-logits.ts';
import { logSumExp } from './log-sum-exp.ts';

export interface ContrastiveLossInputs {
  /** [B, T, P]: the encoder's output. */
  readonly predicted: Tensor<'float32'>;
  /** [B, T, P]: the quantized features. */
  readonly quantized: Tensor<'float32'>;
  /** B · T entries, not zero at masked frames. Only these count. */
  readonly masked: Uint8Array;
  /** [B, T, K]: frames of the whole batch, B · T, for each frame. */
  readonly negatives: Tensor<'int32'>;
  readonly temperature: number;
}

/**
 * Σ over masked frames of −ln softmax(similarities)[the frame's own features]. A negative that equals the frame's own features
 * does not count.
 */
export function contrastiveLoss({
  predicted,
  quantized,
  masked,
  negatives,
  temperature,
}: ContrastiveLossInputs): number {
  const predictions = rowsOf(predicted);
  const features = rowsOf(quantized);
  const count = negatives.dims.at(-1) ?? 0;
  let sum = 0;
  predictions.forEach((prediction, frame) => {
    const target = features[frame];
    if (!masked[frame] || !target) return;
    const others = Array.from(
      negatives.data.subarray(frame * count, (frame + 1) * count),
      (index) => features[index] ?? target,
    ).filter((row) => !row.every((value, i) => value === target[i]));
    const similarities = [target, ...others].map((row) => cosineSimilarity(prediction, row) / temperature);
    sum += logSumExp(similarities) - (similarities[0] ?? 0);
  });
  return sum;
}

/**
 * How much of the codebook is not used, times the number of masked frames.
 * @param perplexity of the masked frames, from 1 for each group up to `codeCount`.
 * @param codeCount codes of all groups.
 */
export const diversityLoss = (perplexity: number, codeCount: number, maskedCount: number): number =>
  ((codeCount - perplexity) / codeCount) * maskedCount;
