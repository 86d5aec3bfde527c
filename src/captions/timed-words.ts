/** Words with their seconds, as alignment gives them, checked. Pure. */
import { isList, isRecord } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';

/** A word, phoneme or character with its place in the audio. */
export interface TimedWord {
  readonly text: string;
  /** Seconds. */
  readonly start: number;
  /** Seconds, not before `start`. */
  readonly end: number;
  /** 0 to 1; null or left out where nothing was measured. */
  readonly score?: number | null | undefined;
  /** Whether the word has no time of its own, and only stands between its neighbours. */
  readonly inferred?: boolean | undefined;
}

/** Whether a value is a time in an audio file. */
export const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** One line without white space at its ends. White space and control characters, which formats take for their own, become a space. */
export const inOneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();

/**
 * Words in order, each text in one line; words without text are left out.
 * @param where names the list in errors.
 * @throws UniSpeechError `bad-input` for what is no word, and for times that are none or go back.
 */
export function checkedWords(words: unknown, where: string): TimedWord[] {
  if (!isList(words)) {
    throw new UniSpeechError(
      'bad-input',
      `The words of ${where} are ${describeValue(words)}, expected a list of { text, start, end } in seconds.`,
    );
  }
  let lastStart = 0;
  // Not `map`, which passes over the holes of an array.
  const checked = Array.from(words, (word, index): TimedWord => {
    const { text, start, end, score, inferred } = isRecord(word) ? word : {};
    const hasScore =
      score === undefined || score === null || (typeof score === 'number' && !Number.isNaN(score));
    if (typeof text !== 'string' || !isSeconds(start) || !isSeconds(end) || !hasScore) {
      throw new UniSpeechError(
        'bad-input',
        `Word ${index} of ${where} is ${describeWord(word)}, expected { text, start, end } in seconds, and a score that is a number or null.`,
      );
    }
    checkOrder(`Word ${index} of ${where}, ${describeValue(text)},`, start, end, lastStart);
    lastStart = start;
    return {
      text: inOneLine(text),
      start,
      end,
      ...(score !== undefined && { score }),
      ...(inferred === true && { inferred }),
    };
  });
  return checked.filter(({ text }) => text !== '');
}

/** @throws UniSpeechError `bad-input` for times that go back. */
export function checkOrder(what: string, start: number, end: number, lastStart: number): void {
  if (start >= lastStart && end >= start) return;
  throw new UniSpeechError(
    'bad-input',
    `${what} is from ${start} to ${end} s, expected an end that is not before its start, and a start that is not before the last one, ${lastStart} s.`,
  );
}

const describeWord = (word: unknown): string =>
  isRecord(word)
    ? `{ ${['text', 'start', 'end', 'score']
        .filter((key) => key in word)
        .map((key) => `${key}: ${describeValue(word[key])}`)
        .join(', ')} }`
    : describeValue(word);
