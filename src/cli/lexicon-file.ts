/** Pronunciations in a file, as dictionaries of MFA and CMUdict have them: a word and its phonemes on each line. */
import { describeValue, UniSpeechError } from '../base/errors.ts';

/** A number with a point, as MFA has it; digits alone are vowels of X-SAMPA. */
const PROBABILITY = /^\d*\.\d+(?:e[+-]?\d+)?$/i;

/**
 * Words and phonemes are divided by white space. Lines that begin with `;;;` are comments, and of several pronunciations of a word the first counts:
 * `WORD(2)` of CMUdict is one of `WORD`. MFA's probabilities between a word and its phonemes are left out.
 * @throws UniSpeechError `bad-input`, naming the line, for a word without phonemes.
 */
export function readLexicon(text: string): Map<string, readonly string[]> {
  const lexicon = new Map<string, readonly string[]>();
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    const [written = '', ...columns] = line.trim().split(/\s+/);
    if (written === '' || written.startsWith(';;;')) continue;
    const word = written.replace(/(?<=.)\(\d+\)$/, '');
    const firstPhoneme = columns.findIndex((column) => !PROBABILITY.test(column));
    const phonemes = firstPhoneme === -1 ? [] : columns.slice(firstPhoneme);
    if (phonemes.length === 0) {
      throw new UniSpeechError(
        'bad-input',
        `Line ${index + 1} of the lexicon is ${describeValue(word)} alone, expected a word and its phonemes.`,
      );
    }
    if (!lexicon.has(word)) lexicon.set(word, phonemes);
  }
  return lexicon;
}
