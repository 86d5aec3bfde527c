/** Logarithms of the softmax of a row: what alignment, beam search, confidences and scores of pronunciation read. */
import { UniSpeechError } from '../base/errors.ts';
import { notNumbers } from './argmax.ts';

/**
 * Writes the natural logarithms of the softmax of one row. Sums are taken in float64, whatever `out` holds; give a `Float64Array` where a difference
 * of 1e-6 counts, as float32 is as coarse as that from log p = -8 on. `-Infinity` is a legal logit: its probability is 0.
 * @param logits Rows of `vocabSize`; the row begins at `offset`, a multiple of `vocabSize`.
 * @param out Takes `vocabSize` values from `outOffset` on; may be `logits` itself.
 * @param temperature Divides the logits first. Above 1 it lowers the confidence of a model that is too sure of itself.
 * @throws UniSpeechError `bad-input`, naming the frame, where a logit is NaN or the largest is infinite.
 */
export function logSoftmaxRow(
  logits: ArrayLike<number>,
  offset: number,
  vocabSize: number,
  out: Float32Array | Float64Array,
  outOffset: number,
  temperature = 1,
): void {
  let largest = Number.NEGATIVE_INFINITY;
  let hasNaN = false;
  for (let index = 0; index < vocabSize; index += 1) {
    const value = logits[offset + index] ?? Number.NaN;
    // NaN is the only value that is not equal to itself.
    hasNaN ||= value !== value;
    if (value > largest) largest = value;
  }
  if (hasNaN) throw notNumbers(offset / vocabSize);
  if (!Number.isFinite(largest)) throw noDistribution(offset / vocabSize, largest);
  let sum = 0;
  for (let index = 0; index < vocabSize; index += 1)
    sum += Math.exp(((logits[offset + index] ?? 0) - largest) / temperature);
  const logSum = Math.log(sum);
  for (let index = 0; index < vocabSize; index += 1)
    out[outOffset + index] = ((logits[offset + index] ?? 0) - largest) / temperature - logSum;
}

const noDistribution = (frame: number, largest: number): UniSpeechError =>
  new UniSpeechError(
    'bad-input',
    `The logits of frame ${frame} have no softmax, as the largest is ${largest}.`,
    'Check the audio and the weights for infinite values, or load the model in float32.',
  );
