/** The words of a command line: its options and their values, without what each command makes of them. */
import { parseArgs } from 'node:util';
import { messageOf } from '../base/checks.ts';
import { DTYPES, isDtype, type Dtype } from '../speech/encoder/weight-dtype.ts';
import { oneLine } from './printable.ts';
import { suggestionFor } from './suggestion.ts';

/** Wrong usage of the command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** @param message may contain typed text. It becomes one line of bounded length without control characters. */
  constructor(message: string, options?: ErrorOptions) {
    const line = oneLine(message);
    super(line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 3)}...` : line, options);
  }
}

const LONGEST_MESSAGE = 400;

const PARSED_OPTIONS = {
  model: { type: 'string', short: 'm' },
  dtype: { type: 'string' },
  timestamps: { type: 'string' },
  chunk: { type: 'string' },
  cut: { type: 'string' },
  lang: { type: 'string' },
  lm: { type: 'string' },
  alpha: { type: 'string' },
  beta: { type: 'string' },
  'beam-width': { type: 'string' },
  hotwords: { type: 'string' },
  'hotword-weight': { type: 'string' },
  unigrams: { type: 'string' },
  'max-duration': { type: 'string' },
  format: { type: 'string' },
  seconds: { type: 'string' },
  trace: { type: 'string' },
  'top-k': { type: 'string' },
  function: { type: 'string' },
  out: { type: 'string' },
  recursive: { type: 'boolean' },
  resume: { type: 'boolean' },
  pooling: { type: 'string' },
  speaker: { type: 'boolean' },
  threshold: { type: 'string' },
  'min-duration': { type: 'string' },
  'min-gap': { type: 'string' },
  rttm: { type: 'boolean' },
  karaoke: { type: 'boolean' },
  boundaries: { type: 'string' },
  utterances: { type: 'string' },
  star: { type: 'string' },
  unknown: { type: 'string' },
  lexicon: { type: 'string' },
  visemes: { type: 'boolean' },
  features: { type: 'boolean' },
  unit: { type: 'string' },
  show: { type: 'string' },
  keyed: { type: 'boolean' },
  confidence: { type: 'boolean' },
  logprobs: { type: 'boolean' },
  temperature: { type: 'string' },
  normalize: { type: 'boolean' },
  json: { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

/** @throws UsageError for an option that no command has. */
export function parseWords(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: PARSED_OPTIONS });
  } catch (error) {
    // Node explains the use of "--" at length. Its first sentence says what is wrong.
    const [firstSentence = ''] = messageOf(error).split(/\.\s/);
    const valueless = /use '(--[\w-]+)=-XYZ'/.exec(messageOf(error))?.[1];
    if (valueless !== undefined)
      throw new UsageError(
        `${valueless} needs a value, and what follows begins with a dash: write ${valueless}=VALUE if that is meant`,
        { cause: error },
      );
    const unknown = /^Unknown option '--([^']*)'/.exec(firstSentence)?.[1];
    const suggestion = unknown === undefined ? '' : suggestionFor(unknown, Object.keys(PARSED_OPTIONS), '--');
    throw new UsageError(firstSentence.charAt(0).toLowerCase() + firstSentence.slice(1) + suggestion, {
      cause: error,
    });
  }
}

export type Values = ReturnType<typeof parseWords>['values'];

/** @throws UsageError. */
export function dtypeOf({ dtype }: Values): Dtype | undefined {
  if (dtype === undefined || isDtype(dtype)) return dtype;
  throw new UsageError(`--dtype is "${dtype}", expected ${DTYPES.join(', ')}`);
}

/** @throws UsageError. */
export function secondsOf(option: string, text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new UsageError(`${option} is "${text}", expected a positive number of seconds`);
}

/** @throws UsageError. */
export function countOf(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${option} is "${text}", expected a whole number`);
}

/** @throws UsageError. */
export function numberOf(option: string, text: string, from: number, to: number): number {
  const number = text.trim() === '' ? NaN : Number(text);
  if (number >= from && number <= to) return number;
  throw new UsageError(`${option} is "${text}", expected a number from ${from} to ${to}`);
}

/** @throws UsageError. */
export function choiceOf<Choice extends string>(
  option: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((name) => name === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`${option} is "${text}", expected ${choices.join(', ')}`);
}
