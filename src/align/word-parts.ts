/** Words of a text before they are joined: what each part of one becomes. Offsets count UTF-16 units of the text. */

/** A part of a word: labels, or null for what the model lacks. */
export interface WordPart {
  readonly ids: readonly number[] | null;
  readonly start: number;
  readonly end: number;
}

export interface WordWithParts {
  readonly start: number;
  readonly end: number;
  readonly parts: readonly WordPart[];
}
