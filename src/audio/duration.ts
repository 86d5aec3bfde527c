import { UniSpeechError } from '../base/errors.ts';

/**
 * Holds the length of a file to the limit, as soon as anything tells it.
 * @param isAtLeast nothing behind `seconds` was looked at.
 * @throws UniSpeechError `bad-audio`.
 */
export function checkDuration(
  name: string,
  seconds: number,
  maxSeconds: number | undefined,
  { isAtLeast = false } = {},
): void {
  if (maxSeconds === undefined || seconds <= maxSeconds) return;
  throw new UniSpeechError(
    'bad-audio',
    `${name} lasts ${isAtLeast ? 'at least ' : ''}${seconds.toFixed(1)} s, the limit is ${maxSeconds} s.`,
    'Raise it by the option max_duration_s, or cut the file.',
  );
}

/** What `maxSeconds` may be; Infinity: no limit. */
export const isDuration = (value: unknown): value is number => typeof value === 'number' && value > 0;
