/** The loss of a classification. */
import type { Tensor } from '../base/tensor.ts';
import { logSumExp } from './log-sum-exp.ts';
import { lossTensor } from './loss-tensor.ts';

/** The label of an item that does not count, as in PyTorch. */
export const IGNORED_LABEL = -100;

/**
 * The mean of −ln softmax(logits)[label] over the items, in float64, as `torch.nn.CrossEntropyLoss`. Items with the label −100 do not count;
 * where none counts, the loss is NaN.
 * @param logits [B, classes].
 * @param labels the class of each item.
 */
export function crossEntropy(logits: Tensor<'float32'>, labels: Int32Array): Tensor<'float32'> {
  const losses = Array.from(labels, (label, item) => {
    const { data } = logits.at(item);
    return label === IGNORED_LABEL ? [] : logSumExp(data) - (data[label] ?? NaN);
  }).flat();
  return lossTensor(losses.reduce((sum, loss) => sum + loss, 0) / losses.length);
}
