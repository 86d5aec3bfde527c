/** Text with its place in the audio. */

/** A character, phoneme or word with its seconds in the clip. */
export interface TimedText {
  readonly text: string;
  readonly timestamp: readonly [start: number, end: number];
  /** With `return_confidence`: how sure the model is, 0 to 1; null where nothing was measured. */
  readonly confidence?: number | null;
}
