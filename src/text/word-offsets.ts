/** Characters and words with the frames they cover. Seconds = frames · samples per frame / sampling_rate. */

export interface CharOffset {
  readonly char: string;
  /** First frame. */
  readonly start_offset: number;
  /** One past the last frame. */
  readonly end_offset: number;
}

export interface WordOffset {
  readonly word: string;
  readonly start_offset: number;
  readonly end_offset: number;
}

/**
 * Joins characters into words at `delimiter`. A word ends with its last character, so blanks behind it are not
 * part of it; delimiters at the edges or in a row make no words.
 * Source: `Wav2Vec2CTCTokenizer._get_word_offsets` (`tokenization_wav2vec2.py`).
 */
export function wordOffsets(chars: readonly CharOffset[], delimiter: string): WordOffset[] {
  const words: WordOffset[] = [];
  let open: WordOffset | undefined;
  for (const { char, start_offset, end_offset } of chars) {
    if (char === delimiter) {
      if (open) words.push(open);
      open = undefined;
    } else {
      open = open
        ? { ...open, word: open.word + char, end_offset }
        : { word: char, start_offset, end_offset };
    }
  }
  if (open) words.push(open);
  return words;
}

/** What characters spell. */
export const spelled = (chars: readonly CharOffset[], separator: string): string =>
  chars
    .map(({ char }) => char)
    .join(separator)
    .trim();
