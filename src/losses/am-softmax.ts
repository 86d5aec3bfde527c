/** The loss of embeddings of speakers (additive margin softmax, Wang et al., 2018; `AMSoftmaxLoss` of the reference). */
import { Tensor } from '../base/tensor.ts';
import { crossEntropy } from './cross-entropy.ts';

const SCALE = 30;
const MARGIN = 0.4;
/** PyTorch takes no norm for smaller than this. */
const MIN_NORM = 1e-12;

/**
 * The cross-entropy of the scaled cosines of each row with the speakers, of which that of its own speaker has to be larger than the others by a
 * margin. Sums are float64.
 * @param vectors [B, width]: a row for each item.
 * @param products [B, speakers]: of the row and the vector of each speaker, which has the length 1.
 * @param labels the speaker of each item.
 */
export function amSoftmaxLoss(
  vectors: Tensor<'float32'>,
  products: Tensor<'float32'>,
  labels: Int32Array,
): Tensor<'float32'> {
  const [, speakers = 1] = products.dims;
  const norms = Array.from(labels, (_, item) => {
    const squares = vectors.at(item).data.reduce((sum, value) => sum + value ** 2, 0);
    return Math.max(Math.sqrt(squares), MIN_NORM);
  });
  const scaled = Float32Array.from(products.data, (product, i) => {
    const item = Math.floor(i / speakers);
    const cosine = product / (norms[item] ?? NaN);
    return SCALE * (cosine - (i % speakers === labels[item] ? MARGIN : 0));
  });
  return crossEntropy(new Tensor('float32', scaled, products.dims), labels);
}
