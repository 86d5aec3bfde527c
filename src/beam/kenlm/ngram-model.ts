/** What a decoder asks a language model of n-grams, whatever file it comes from. */

/** A word that is not in the vocabulary. */
export const UNKNOWN_WORD = 0;

export interface NgramModel {
  /** Of the longest n-grams, 2 to 6. */
  readonly order: number;
  /** With `<unk>`; ids are below. */
  readonly wordCount: number;
  /** The id of a word, as it is written; `UNKNOWN_WORD` for others. */
  idOf(word: string): number;
  /**
   * log10 of a word's probability behind others. It is the float32 that KenLM computes: the longest n-gram that is known, and to it the back-offs of
   * the longer contexts, the shortest first, rounded after each addition.
   * @param context ids of the words before, the newest first: at most `order - 1` of them.
   */
  score(word: number, context: readonly number[]): number;
}
