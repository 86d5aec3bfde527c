/**
 * What a sequence would be worth with another token at one place, with none there, or with one more, of the sums of CTC from both ends. The same as the
 * sums of each sequence on its own, for one pass over the frames a token instead of a lattice.
 */
import { type CTCSums, type FrameLogProbs, logAdd } from './ctc-sums.ts';

/** One place of a sequence. */
export interface CTCPlace {
  readonly logProbs: FrameLogProbs;
  readonly sums: CTCSums;
  readonly tokens: readonly number[];
  readonly blank: number;
  /** Which token of the sequence. */
  readonly index: number;
}

/**
 * ln P of the sequence with each candidate at this place. -Infinity where no path has a probability, such as where two equal neighbours need a blank
 * that the frames have no room for.
 */
export const logProbsWithTokens = (place: CTCPlace, candidates: readonly number[]): Float64Array =>
  logProbsBetween(place, 2 * place.index, 2 * place.index + 2, candidates);

/** The same with each candidate as one more token, in front of the token at this place; behind the last where `index` is the number of tokens. */
export const logProbsWithInserted = (place: CTCPlace, candidates: readonly number[]): Float64Array =>
  logProbsBetween(place, 2 * place.index, 2 * place.index, candidates);

/** With each candidate between two blanks, in place of what is between them. @param left and `right` are their states. */
function logProbsBetween(
  { logProbs, sums, tokens }: Omit<CTCPlace, 'index'>,
  left: number,
  right: number,
  candidates: readonly number[],
): Float64Array {
  const { data, frameCount, vocabSize } = logProbs;
  const { ahead, behind, stateCount } = sums;
  const before = left > 0 ? tokens[left / 2 - 1] : undefined;
  const after = tokens[right / 2];
  const hasBefore = before !== undefined;
  const hasAfter = after !== undefined;
  // A token is entered from the blank before it, or from the token before that, unless this is the same one; it is left likewise.
  const enter = new Float64Array(frameCount);
  const enterByBlank = new Float64Array(frameCount);
  const leave = new Float64Array(frameCount);
  const leaveByBlank = new Float64Array(frameCount);
  for (let frame = 0; frame < frameCount; frame += 1) {
    const blankBefore = (frame - 1) * stateCount + left;
    const fromBlank = frame === 0 ? (hasBefore ? -Infinity : 0) : (ahead[blankBefore] ?? -Infinity);
    enterByBlank[frame] = fromBlank;
    enter[frame] = logAdd(
      fromBlank,
      frame > 0 && hasBefore ? (ahead[blankBefore - 1] ?? -Infinity) : -Infinity,
    );
    const isLast = frame === frameCount - 1;
    const blankAfter = (frame + 1) * stateCount + right;
    const toBlank = isLast ? (hasAfter ? -Infinity : 0) : (behind[blankAfter] ?? -Infinity);
    leaveByBlank[frame] = toBlank;
    leave[frame] = logAdd(toBlank, !isLast && hasAfter ? (behind[blankAfter + 1] ?? -Infinity) : -Infinity);
  }
  // Where the token cannot be yet, or no longer, there is nothing to add.
  const first = enter.findIndex((value) => value > -Infinity);
  const end = first < 0 ? 0 : leave.findLastIndex((value) => value > -Infinity) + 1;
  return Float64Array.from(candidates, (candidate) => {
    const entry = before === candidate ? enterByBlank : enter;
    const exit = after === candidate ? leaveByBlank : leave;
    let inside = -Infinity;
    let total = -Infinity;
    for (let frame = Math.max(first, 0); frame < end; frame += 1) {
      const logProb = data[frame * vocabSize + candidate] ?? -Infinity;
      inside = logAdd(inside, entry[frame] ?? -Infinity) + logProb;
      total = logAdd(total, inside + (exit[frame] ?? -Infinity));
    }
    return total;
  });
}

/** ln P of the sequence without the token at this place. */
export function logProbWithout({ logProbs, sums, tokens, blank, index }: CTCPlace): number {
  const { data, frameCount, vocabSize } = logProbs;
  const { ahead, behind, stateCount } = sums;
  if (tokens.length === 1) {
    let total = 0;
    for (let frame = 0; frame < frameCount; frame += 1) total += data[frame * vocabSize + blank] ?? -Infinity;
    return total;
  }
  const state = 2 * index + 1;
  const at = (table: Float64Array, frame: number, place: number): number =>
    table[frame * stateCount + place] ?? -Infinity;
  const isFirst = index === 0;
  const isLast = index === tokens.length - 1;
  // Equal neighbours of the token keep the blank between them.
  const skipsBlank = !isFirst && (isLast || tokens[index - 1] !== tokens[index + 1]);
  const leftAt = (frame: number): number =>
    logAdd(at(ahead, frame, state - 1), skipsBlank ? at(ahead, frame, state - 2) : -Infinity);
  if (isLast) return leftAt(frameCount - 1);
  let total = isFirst ? at(behind, 0, state + 2) : -Infinity;
  for (let frame = 0; frame < frameCount - 1; frame += 1)
    total = logAdd(total, leftAt(frame) + at(behind, frame + 1, state + 2));
  return total;
}
