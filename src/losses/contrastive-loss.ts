/**
 * The losses of pre-training (wav2vec 2.0, Baevski et al., 2020, equations 3 and 4; `Wav2Vec2ForPreTraining` in `modeling_wav2vec2.py`): from
 * the encoder's output at a masked frame, the model has to pick the quantized features of that frame among those of other frames, and to use
 * the whole codebook. Sums are float64.
 */
import { badInput } from '../base/option-checks.ts';
import { badTensor } from '../base/tensor-checks.ts';
import { Tensor } from '../base/tensor.ts';
import { logSumExp } from './log-sum-exp.ts';

/** The reference takes no norm for smaller than this. */
const MIN_NORM = 1e-8;

function cosineSimilarity(a: Float32Array, b: Float32Array): number {
  let product = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  return product / (Math.max(Math.sqrt(squareA), MIN_NORM) * Math.max(Math.sqrt(squareB), MIN_NORM));
}

/** The vectors along the last axis. */
function rowsOf({ data, dims }: Tensor<'float32'>): readonly Float32Array[] {
  const width = dims.at(-1) ?? 0;
  return Array.from({ length: width && data.length / width }, (_, row) =>
    data.subarray(row * width, (row + 1) * width),
  );
}

/**
 * The cosine similarity of predictions with their targets and with negatives, divided by `temperature`
 * (`UniSpeechForPreTraining.compute_contrastive_logits`).
 * @param target [1, B, T, P].
 * @param negatives [K, B, T, P].
 * @param predicted [B, T, P].
 * @returns [1 + K, B, T]: the targets come first.
 * @throws UniSpeechError `bad-input` for other tensors, or a temperature that is not a positive number.
 */
export function contrastiveLogits(
  target: Tensor<'float32'>,
  negatives: Tensor<'float32'>,
  predicted: Tensor<'float32'>,
  temperature: number,
): Tensor<'float32'> {
  checkFeatures('predicted_features', predicted, '[batch, frames, width]', ({ length }) => length === 3);
  const [batch = 0, frames = 0, width = 0] = predicted.dims;
  const rest = `${batch}, ${frames}, ${width}]`;
  const hasRest = (dims: readonly number[]): boolean => `[${dims.slice(1).join(', ')}]` === `[${rest}`;
  checkFeatures('target_features', target, `[1, ${rest}`, (dims) => dims[0] === 1 && hasRest(dims));
  checkFeatures('negative_features', negatives, `[negatives, ${rest}`, hasRest);
  if (!(Number.isFinite(temperature) && temperature > 0))
    throw badInput('temperature', temperature, 'a number above 0');
  const predictions = rowsOf(predicted);
  const empty = new Float32Array();
  const logits = [...rowsOf(target), ...rowsOf(negatives)].map(
    (row, i) => cosineSimilarity(predictions[i % predictions.length] ?? empty, row) / temperature,
  );
  const candidates = 1 + (negatives.dims[0] ?? 0);
  return new Tensor('float32', Float32Array.from(logits), [candidates, batch, frames]);
}

function checkFeatures(
  name: string,
  tensor: unknown,
  dims: string,
  hasDims: (dims: readonly number[]) => boolean,
): void {
  if (!(tensor instanceof Tensor && tensor.type === 'float32' && hasDims(tensor.dims)))
    throw badTensor(name, tensor, `a float32 tensor of dims ${dims}`);
}

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
