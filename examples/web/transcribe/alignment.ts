/** Words from the characters that the model emitted, each with its seconds. Pure. */

/** A character, phoneme or word and its seconds in the audio. */
export interface Timed {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Word extends Timed {
  /** Half-open range of its characters. */
  readonly firstCharacter: number;
  readonly endCharacter: number;
}

/**
 * Joins characters between spaces. A word reaches from the start of its first character to the end of its last.
 * @param isPhonemes each entry is a unit of its own: phoneme models know no words.
 */
export function joinWords(characters: readonly Timed[], isPhonemes: boolean): Word[] {
  const words: Word[] = [];
  let open: Word | undefined;
  for (const [index, { text, start, end }] of characters.entries()) {
    const isSpace = text.trim() === '';
    if ((isSpace || isPhonemes) && open) {
      words.push(open);
      open = undefined;
    }
    if (isSpace) continue;
    open = open
      ? { ...open, text: open.text + text, end, endCharacter: index + 1 }
      : { text, start, end, firstCharacter: index, endCharacter: index + 1 };
  }
  if (open) words.push(open);
  return words;
}

/** The word spoken at a time, or undefined between words. */
export const wordAt = (words: readonly Timed[], seconds: number): number | undefined => {
  const index = words.findIndex(({ start, end }) => seconds >= start && seconds < end);
  return index < 0 ? undefined : index;
};
