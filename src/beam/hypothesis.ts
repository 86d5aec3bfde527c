/** What beam search finds. */

export interface WordSpan {
  readonly text: string;
  /** Where its first frame begins and its last one ends, as frames were counted for `push`. */
  readonly start: number;
  readonly end: number;
}

/** A text that the frames may say. */
export interface Hypothesis {
  readonly words: readonly WordSpan[];
  /** log p of the sound, and the same with what the words are worth. */
  readonly logitScore: number;
  readonly score: number;
  /** What the language model knows of the last words. */
  readonly context: readonly number[];
}
