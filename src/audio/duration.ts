import { UniSpeechError } from '../base/errors.ts';

/** Four hours: the longest clip that is held in memory unless the caller says otherwise. At 48 kHz a channel takes 2.8 GB, and twice that while its blocks are joined. */
export const DEFAULT_MAX_SECONDS = 14_400;

/**
 * Checks the length of a file against the limit, as soon as a lower bound of the length is known.
 * @param isAtLeast the file may be longer than `seconds`, because its rest was not read.
 * @param isDeclared the length is what a header says of it.
 * @throws UniSpeechError `bad-audio`.
 */
export function checkDuration(
  name: string,
  seconds: number,
  maxSeconds: number | undefined,
  { isAtLeast = false, isDeclared = false } = {},
): void {
  if (maxSeconds === undefined || seconds <= maxSeconds) return;
  throw new UniSpeechError(
    'bad-audio',
    `${name} lasts ${isAtLeast ? 'at least ' : ''}${seconds.toFixed(1)} s${isDeclared ? ' according to its header' : ''}, the limit is ${maxSeconds} s.`,
    'Raise it by the option max_duration_s, or cut the file.',
  );
}

/** Checks a value for `maxSeconds`. Infinity means no limit. */
export const isDuration = (value: unknown): value is number => typeof value === 'number' && value > 0;

/** The error for a part behind the end. */
export const emptyPart = (name: string, startSeconds: number, seconds: number): UniSpeechError =>
  new UniSpeechError(
    'bad-option',
    `start_s is ${startSeconds}, but ${name} ends at ${seconds.toFixed(3)} s.`,
    'Give a smaller start_s.',
  );
