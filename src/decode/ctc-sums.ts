/**
 * The sums of CTC over all alignments of a sequence of tokens (Graves et al., 2006), from both ends. With both, what another token at one place
 * would have been worth costs one pass over the frames, not a lattice of its own. Logarithms in float64: products of 500 frames underflow.
 */
import { UniSpeechError } from '../base/errors.ts';

/** Natural logarithms of probabilities, `[frameCount, vocabSize]`. */
export interface FrameLogProbs {
  readonly data: Float64Array;
  readonly frameCount: number;
  readonly vocabSize: number;
}

/** State `2i + 1` is token i, the even ones are the blanks around tokens: `stateCount` is twice the number of tokens, and one. */
export interface CTCSums {
  readonly stateCount: number;
  /** `[frameCount, stateCount]`: ln P of the frames up to and with this one, over all paths that are in this state then. */
  readonly ahead: Float64Array;
  /** `[frameCount, stateCount]`: ln P of this frame and those behind it, over all paths that begin in this state and end where a sequence may end. */
  readonly behind: Float64Array;
  /** ln P of the sequence; -Infinity if no path has a probability. */
  readonly logProbability: number;
}

/** Cells of each of the two tables: 64 MiB. */
const MAX_CELLS = 2 ** 23;

/** ln(exp(a) + exp(b)). Two of -Infinity give that, not NaN. */
export function logAdd(a: number, b: number): number {
  const large = a > b ? a : b;
  const gap = a > b ? b - a : a - b;
  // Below, the smaller one changes no bit; NaN comes of two infinities.
  return gap > -40 ? large + Math.log1p(Math.exp(gap)) : large;
}

/** How many frames a sequence needs: equal neighbours need a blank between them. */
export const neededFrames = (tokens: readonly number[]): number =>
  tokens.reduce((count, token, index) => count + (index > 0 && tokens[index - 1] === token ? 2 : 1), 0);

/** @throws UniSpeechError `limit-exceeded` where the tables would be larger than memory has room for. */
export function checkSumsSize(frameCount: number, tokenCount: number): void {
  const cells = frameCount * (2 * tokenCount + 1);
  if (cells <= MAX_CELLS) return;
  throw new UniSpeechError(
    'limit-exceeded',
    `Sums over all alignments of ${tokenCount} tokens with ${frameCount} frames need ${cells} cells, but at most ${MAX_CELLS} are possible.`,
    'Take one sentence at a time.',
  );
}

/**
 * Yields after each frame.
 * @param tokens without blanks; each below `vocabSize`.
 * @throws UniSpeechError `limit-exceeded`.
 */
export function* ctcSums(
  logProbs: FrameLogProbs,
  tokens: readonly number[],
  blank: number,
): Generator<void, CTCSums, undefined> {
  const { data, frameCount, vocabSize } = logProbs;
  checkSumsSize(frameCount, tokens.length);
  const stateCount = 2 * tokens.length + 1;
  const labels = Int32Array.from({ length: stateCount }, (_, state) =>
    state % 2 === 0 ? blank : (tokens[(state - 1) / 2] ?? blank),
  );
  /** Whether the blank before a state may be left out. */
  const maySkip = labels.map((label, state) =>
    state % 2 === 1 && state > 1 && label !== labels[state - 2] ? 1 : 0,
  );
  const ahead = new Float64Array(frameCount * stateCount).fill(-Infinity);
  const behind = new Float64Array(frameCount * stateCount).fill(-Infinity);
  const valueAt = (table: Float64Array, frame: number, state: number): number =>
    state >= 0 && state < stateCount ? (table[frame * stateCount + state] ?? -Infinity) : -Infinity;
  const logProb = (frame: number, state: number): number =>
    data[frame * vocabSize + (labels[state] ?? 0)] ?? -Infinity;
  for (let frame = 0; frame < frameCount; frame += 1) {
    for (let state = 0; state < stateCount; state += 1) {
      let sum = frame === 0 && state < 2 ? 0 : -Infinity;
      if (frame > 0) {
        sum = logAdd(valueAt(ahead, frame - 1, state), valueAt(ahead, frame - 1, state - 1));
        if (maySkip[state] === 1) sum = logAdd(sum, valueAt(ahead, frame - 1, state - 2));
      }
      ahead[frame * stateCount + state] = sum + logProb(frame, state);
    }
    yield;
  }
  const last = frameCount - 1;
  for (let frame = last; frame >= 0; frame -= 1) {
    for (let state = 0; state < stateCount; state += 1) {
      let sum = frame === last && state >= stateCount - 2 ? 0 : -Infinity;
      if (frame < last) {
        sum = logAdd(valueAt(behind, frame + 1, state), valueAt(behind, frame + 1, state + 1));
        if (maySkip[state + 2] === 1) sum = logAdd(sum, valueAt(behind, frame + 1, state + 2));
      }
      behind[frame * stateCount + state] = sum + logProb(frame, state);
    }
    yield;
  }
  const logProbability =
    frameCount === 0
      ? tokens.length === 0
        ? 0
        : -Infinity
      : logAdd(valueAt(ahead, last, stateCount - 1), valueAt(ahead, last, stateCount - 2));
  return { stateCount, ahead, behind, logProbability };
}
