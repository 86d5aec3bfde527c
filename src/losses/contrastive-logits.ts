/** The similarities of which the contrastive loss of pre-training is made (`compute_contrastive_logits` in `modeling_unispeech.py`). */
import { badInput } from '../base/option-checks.ts';
import { badTensor } from '../base/tensor-checks.ts';
import { Tensor } from '../base/tensor.ts';

/** The reference takes no norm for smaller than this. */
const MIN_NORM = 1e-8;

export function cosineSimilarity(a: Float32Array, b: Float32Array): number {
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
export function rowsOf({ data, dims }: Tensor<'float32'>): readonly Float32Array[] {
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
