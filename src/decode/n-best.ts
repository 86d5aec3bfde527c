/** What the hypotheses of a beam search say of each word of the best one. Pure. */
import { badInput } from '../base/option-checks.ts';
import { softmax } from '../base/softmax.ts';
import type { TimedText } from '../base/timed-text.ts';
import type { RecognizedAlternative } from './decoder.ts';

/** A word of the best hypothesis, and what others have in its place. */
export interface WordAlternatives extends TimedText {
  /**
   * The share of the hypotheses that have this word at an overlapping time, by their posteriors: 0 to 1. Scores with a language model are no probabilities, so it
   * tells which words compete, not how often they are right.
   */
  readonly confidence: number;
  /** The likeliest first. Several words, where a hypothesis has these; an empty text, where it has none. With `confidence` they sum up to 1. */
  readonly alternatives: readonly { readonly text: string; readonly confidence: number }[];
}

/**
 * The softmax of the scores: how likely each hypothesis is if the right one is among them.
 * @throws UniSpeechError `bad-input` for scores that are not numbers.
 */
export function hypothesisPosteriors(scores: readonly number[]): number[] {
  for (const score of scores)
    if (!Number.isFinite(score)) throw badInput('A score', score, 'a finite number');
  return softmax(scores);
}

/**
 * Alternatives for each word of the first hypothesis.
 * @param hypotheses `n_best` of a recognition with beam search.
 * @throws UniSpeechError `bad-input` for scores that are not numbers.
 */
export function wordAlternatives(
  hypotheses: readonly Pick<RecognizedAlternative, 'score' | 'words'>[],
): WordAlternatives[] {
  const posteriors = hypothesisPosteriors(hypotheses.map(({ score }) => score));
  return (hypotheses[0]?.words ?? []).map(({ text: word, timestamp }) => {
    const [start, end] = timestamp;
    const shares = new Map<string, number>();
    hypotheses.forEach(({ words }, index) => {
      const there = words.filter(({ timestamp: [from, to] }) => from < end && start < to);
      const isSame = there.some(({ text }) => text === word);
      const rival = isSame ? word : there.map(({ text }) => text).join(' ');
      shares.set(rival, (shares.get(rival) ?? 0) + (posteriors[index] ?? 0));
    });
    const alternatives = [...shares]
      .filter(([text]) => text !== word)
      .map(([text, confidence]) => ({ text, confidence }))
      .toSorted((a, b) => b.confidence - a.confidence);
    return { text: word, timestamp, confidence: shares.get(word) ?? 0, alternatives };
  });
}
