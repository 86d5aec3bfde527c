/** Finds the best token of each frame. */
import { isCount, isView } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { badInput } from '../base/option-checks.ts';

/**
 * The best token of each frame; the first one where several are equal. `choose_codes.wgsl` finds the same.
 * @param logits `[rowCount, vocabSize]`, row-major.
 * @throws UniSpeechError `bad-input` when the data does not fit the shape or a frame has a logit that is NaN.
 */
export function argmaxRows(logits: Float32Array, rowCount: number, vocabSize: number): Int32Array {
  checkRows(logits, rowCount, vocabSize);
  const best = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const offset = row * vocabSize;
    let bestIndex = 0;
    let bestValue = logits[offset] ?? Number.NaN;
    // NaN is the only value that is not equal to itself.
    let hasNaN = bestValue !== bestValue;
    for (let index = 1; index < vocabSize; index++) {
      const value = logits[offset + index] ?? Number.NaN;
      hasNaN ||= value !== value;
      if (value > bestValue) {
        bestIndex = index;
        bestValue = value;
      }
    }
    if (hasNaN) throw notNumbers(row);
    best[row] = bestIndex;
  }
  return best;
}

/**
 * @throws UniSpeechError `bad-input` where `data` is not `[rowCount, vocabSize]`.
 */
function checkRows(data: unknown, rowCount: number, vocabSize: number): asserts data is Float32Array {
  if (!isView(data, 'Float32Array')) throw badInput('logits', data, 'a Float32Array');
  for (const [name, size] of Object.entries({ rowCount, vocabSize }))
    if (!isCount(size)) throw badInput(name, size, 'a whole number of at least 0');
  if (data.length !== rowCount * vocabSize || (rowCount > 0 && vocabSize === 0)) {
    throw new UniSpeechError(
      'bad-input',
      `Logits of [${rowCount}, ${vocabSize}] need ${rowCount * vocabSize} values in rows of at least one, but there are ${data.length}.`,
    );
  }
}

/** The error of a frame whose logits are NaN. */
export const notNumbers = (frame: number): UniSpeechError =>
  new UniSpeechError(
    'bad-input',
    `The logits of frame ${frame} are not numbers (NaN).`,
    'Check the audio and the weights for NaN, or load the model in float32.',
  );
