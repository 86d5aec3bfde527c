/** Where the tokens of a path are, and how sure the model is of them. Pure. */
import type { PathColumns } from './path-columns.ts';
import { type AlignTarget, isStar } from './target.ts';

export interface TokenSpan {
  /** The label; the size of the vocabulary for a star. */
  readonly token: number;
  /** Its place among the tokens. */
  readonly index: number;
  /** The first frame, and the frame behind the last one. */
  readonly start: number;
  readonly end: number;
  /** The mean probability of its frames, from 0 to 1; null for a star. */
  readonly score: number | null;
  /** The mean of the natural logarithms of these probabilities; null for a star. */
  readonly log_prob: number | null;
}

/** Cuts a path by its states: every token is there once, in order. */
export function spansOf(
  states: Int32Array,
  columns: PathColumns,
  target: AlignTarget,
  starId: number,
): TokenSpan[] {
  const spans: TokenSpan[] = [];
  let frame = 0;
  while (frame < states.length) {
    const state = states[frame] ?? 0;
    const start = frame;
    let sum = 0;
    let logSum = 0;
    const index = state >> 1;
    const column = target.columns[index] ?? 0;
    for (; frame < states.length && states[frame] === state; frame++) {
      if (state % 2 === 0) continue;
      const value = columns.valueAt(frame, column);
      sum += Math.exp(value);
      logSum += value;
    }
    if (state % 2 === 0) continue;
    const id = target.ids[index] ?? 0;
    const count = frame - start;
    const measured = isStar(id)
      ? { score: null, log_prob: null }
      : { score: sum / count, log_prob: logSum / count };
    spans.push({ token: isStar(id) ? starId : id, index, start, end: frame, ...measured });
  }
  return spans;
}

/** The label of each frame. */
export function labelsOf(states: Int32Array, { ids, blank }: AlignTarget, starId: number): Int32Array {
  return states.map((state) => {
    const id = state % 2 === 0 ? blank : (ids[state >> 1] ?? blank);
    return isStar(id) ? starId : id;
  });
}
