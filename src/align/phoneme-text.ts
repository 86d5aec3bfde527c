/** Text that is phonemes already: separated by white space, with `|` between words where there are words. Pure. */
import type { WordPart, WordWithParts } from './word-parts.ts';

/** What stands between words. */
const BETWEEN_WORDS = '|';

/**
 * With `|` each run of phonemes between two is a word, else each phoneme is one. A phoneme that the model lacks is unknown.
 * @param labels phonemes to columns.
 */
export function phonemeWords(text: string, labels: ReadonlyMap<string, number>): WordWithParts[] {
  const phonemes = Array.from(text.matchAll(/\P{White_Space}+/gu), ({ 0: phoneme, index }) => ({
    phoneme,
    start: index,
    end: index + phoneme.length,
  }));
  const isInWords = phonemes.some(({ phoneme }) => phoneme === BETWEEN_WORDS);
  const words: { start: number; end: number; parts: WordPart[] }[] = [];
  let isOpen = false;
  for (const { phoneme, start, end } of phonemes) {
    if (phoneme === BETWEEN_WORDS) {
      isOpen = false;
      continue;
    }
    const id =
      labels.get(phoneme) ?? labels.get(phoneme.normalize('NFC')) ?? labels.get(phoneme.normalize('NFD'));
    const part: WordPart = { ids: id === undefined ? null : [id], start, end };
    const last = words.at(-1);
    if (isInWords && isOpen && last) {
      last.end = end;
      last.parts.push(part);
    } else words.push({ start, end, parts: [part] });
    isOpen = true;
  }
  return words;
}
