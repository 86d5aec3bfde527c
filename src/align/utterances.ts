/** Where utterances begin and end in a text, and how sure the model is that they were said. Pure. */
import { endsSentence } from '../base/sentence-end.ts';
import type { TextWord } from './alignment-text.ts';

/** `sentences`: up to a full stop or the like, or to an empty line. `lines`: each line. */
export type UtteranceMode = 'sentences' | 'lines';
export const UTTERANCE_MODES: readonly UtteranceMode[] = ['sentences', 'lines'];

/** Words that belong together. */
export interface UtteranceRange {
  readonly from: number;
  /** Behind the last one. */
  readonly to: number;
}

const LINE_BREAK = /\n|\r|\u2028|\u2029/;
/** Two line breaks, one of which may be of two characters. */
const EMPTY_LINE = /(?:\r\n|[\n\r\u2028\u2029])[^\S\n\r\u2028\u2029]*[\n\r\u2028\u2029]/;

/** Every word is in one utterance, in order. */
export function utterancesOf(
  text: string,
  words: readonly TextWord[],
  mode: UtteranceMode,
): UtteranceRange[] {
  const ranges: UtteranceRange[] = [];
  let from = 0;
  words.forEach((word, index) => {
    const next = words[index + 1];
    const gap = next ? text.slice(word.end, next.start) : '';
    const isEnd = mode === 'lines' ? LINE_BREAK.test(gap) : endsSentence(word.text) || EMPTY_LINE.test(gap);
    if (next && !isEnd) return;
    ranges.push({ from, to: index + 1 });
    from = index + 1;
  });
  return ranges;
}

/** Frames of the windows in which a confidence is taken: 0.6 s at 50 frames a second, as ctc-segmentation has it. */
const CONFIDENCE_FRAMES = 30;

/**
 * The confidence of a stretch of a path: the smallest mean log probability over 30 frames, as a probability. One wrong word in a long sentence
 * shows in it, where a mean over all frames would not tell. Source: `ctc_segmentation.determine_utterance_segments`.
 * @param logProbs of the path, one a frame.
 */
export function leastMean(logProbs: Float32Array): number {
  const size = Math.min(CONFIDENCE_FRAMES, logProbs.length);
  let least = Infinity;
  let sum = 0;
  for (let frame = 0; frame < logProbs.length; frame++) {
    sum += logProbs[frame] ?? NaN;
    if (frame < size - 1) continue;
    least = Math.min(least, sum / size);
    sum -= logProbs[frame - size + 1] ?? NaN;
  }
  return Math.exp(least);
}
