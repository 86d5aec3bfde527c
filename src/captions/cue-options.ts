/** How long and how wide captions may be: the options, their defaults and their checks. */
import { endsSentence } from '../base/sentence-end.ts';
import { badOption, checkCallback } from '../base/option-checks.ts';
import { rejectUnknownOptions } from '../base/errors.ts';

/** Seconds and characters; what is left out has the default of broadcasters' guidelines (Netflix's for times and widths). */
export interface CueOptions {
  /** Code points in a line, 1 to 500. Default 42. */
  readonly max_chars_per_line?: number | undefined;
  /** 1 to 10. Default 2. */
  readonly max_lines?: number | undefined;
  /** From the start of the first word to the end of the last. Default 7. */
  readonly max_duration_s?: number | undefined;
  /** Shorter captions stay on for this long, as far as the next one allows. Default 5/6. */
  readonly min_duration_s?: number | undefined;
  /** Between captions, where one is shortened or made longer. Default 1/12: two frames of film. */
  readonly min_gap_s?: number | undefined;
  /** A pause of at least this length ends a caption. Default 0.7. */
  readonly pause_s?: number | undefined;
  /** Whether a word ends a sentence, and so its caption. By default those do that end in . ! ? … 。 ！ ？, so "Mr." does, too. */
  readonly sentence_end?: ((word: string) => boolean) | undefined;
}

export type CueRules = { readonly [Name in keyof CueOptions]-?: NonNullable<CueOptions[Name]> };

export const CUE_OPTION_NAMES = [
  'max_chars_per_line',
  'max_lines',
  'max_duration_s',
  'min_duration_s',
  'min_gap_s',
  'pause_s',
  'sentence_end',
] as const;

/** More is no caption. The work for a caption grows with the square of its words. */
const MOST_CHARACTERS = 500;
const MOST_LINES = 10;

/** @throws UniSpeechError `bad-option` for options that are unknown or out of range. */
export function cueRules(options: CueOptions, where: string, others: readonly string[] = []): CueRules {
  rejectUnknownOptions(options, [...CUE_OPTION_NAMES, ...others], where);
  checkCallback('sentence_end', options.sentence_end);
  return {
    max_chars_per_line: whole('max_chars_per_line', options.max_chars_per_line, 42, MOST_CHARACTERS),
    max_lines: whole('max_lines', options.max_lines, 2, MOST_LINES),
    max_duration_s: seconds('max_duration_s', options.max_duration_s, 7),
    min_duration_s: seconds('min_duration_s', options.min_duration_s, 5 / 6),
    min_gap_s: seconds('min_gap_s', options.min_gap_s, 1 / 12),
    pause_s: seconds('pause_s', options.pause_s, 0.7),
    sentence_end: options.sentence_end ?? endsSentence,
  };
}

function whole(name: string, value: unknown, standard: number, most: number): number {
  if (value === undefined || value === null) return standard;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= most) return value;
  throw badOption(name, value, `a whole number from 1 to ${most}`);
}

function seconds(name: string, value: unknown, standard: number): number {
  if (value === undefined || value === null) return standard;
  if (typeof value === 'number' && value >= 0) return value;
  throw badOption(name, value, 'a number of seconds of at least 0');
}
