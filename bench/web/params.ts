/** A choice in the address of the page, with the names of the command line: `?models=base&seconds=5&dtype=q8`. Pure. */
import { isModelName, MODEL_NAMES } from '../../scripts/lib/model-configs.mjs';
import { DTYPES, isDtype } from '../../src/speech/encoder/weight-dtype.ts';
import { DEFAULT_CLOCK, DEFAULT_LIMIT_MILLISECONDS, type CaseChoice } from '../kernels/choice.ts';

/** What a first visit is offered: quick on any GPU. */
export const DEFAULT_CHOICE: CaseChoice = {
  models: ['base'],
  seconds: [5],
  dtype: 'fp32',
  kernel: '',
  chosenOnly: true,
  rounds: 5,
  limitMilliseconds: DEFAULT_LIMIT_MILLISECONDS,
  clock: DEFAULT_CLOCK,
};

const isClock = (name: string): name is CaseChoice['clock'] => ['auto', 'timestamps', 'host'].includes(name);

export interface ReadParams {
  readonly choice: CaseChoice;
  /** What was not understood, a sentence each. */
  readonly problems: readonly string[];
}

/** What is missing or not understood is as in `DEFAULT_CHOICE`. */
export function readParams(params: URLSearchParams): ReadParams {
  const problems: string[] = [];
  const read = <T>(
    name: string,
    fallback: T,
    expected: string,
    parse: (text: string) => T | undefined,
  ): T => {
    const text = params.get(name);
    if (text === null) return fallback;
    const value = parse(text);
    if (value === undefined) problems.push(`${name}=${text} in the address is not ${expected}.`);
    return value ?? fallback;
  };
  const positive = (text: string): number | undefined => {
    const value = Number(text);
    return value > 0 && Number.isFinite(value) ? value : undefined;
  };
  const list =
    <T>(parse: (text: string) => T | undefined) =>
    (text: string): readonly T[] | undefined => {
      const values = text.split(',').map(parse);
      return values.every((value) => value !== undefined) ? values : undefined;
    };
  const d = DEFAULT_CHOICE;
  const choice: CaseChoice = {
    models: read(
      'models',
      d.models,
      `of ${MODEL_NAMES.join(', ')}`,
      list((name) => (isModelName(name) ? name : undefined)),
    ),
    seconds: read('seconds', d.seconds, 'a list of positive numbers', list(positive)),
    dtype: read('dtype', d.dtype, `one of ${DTYPES.join(', ')}`, (name) =>
      isDtype(name) ? name : undefined,
    ),
    kernel: params.get('kernel') ?? d.kernel,
    chosenOnly: read('variants', d.chosenOnly, 'one of all, chosen', (name) =>
      name === 'chosen' ? true : name === 'all' ? false : undefined,
    ),
    rounds: Math.ceil(read('rounds', d.rounds, 'a positive number', positive)),
    limitMilliseconds: read('limit-ms', d.limitMilliseconds, 'a positive number', positive),
    clock: read('clock', d.clock, 'one of auto, timestamps, host', (name) =>
      isClock(name) ? name : undefined,
    ),
  };
  return { choice, problems };
}

/** Only what differs from `DEFAULT_CHOICE`. */
export function writeParams(choice: CaseChoice): URLSearchParams {
  const d = DEFAULT_CHOICE;
  const entries: readonly (readonly [name: string, value: string, usual: string])[] = [
    ['models', choice.models.join(), d.models.join()],
    ['seconds', choice.seconds.join(), d.seconds.join()],
    ['dtype', choice.dtype, d.dtype],
    ['kernel', choice.kernel, d.kernel],
    ['variants', choice.chosenOnly ? 'chosen' : 'all', d.chosenOnly ? 'chosen' : 'all'],
    ['rounds', String(choice.rounds), String(d.rounds)],
    ['limit-ms', String(choice.limitMilliseconds), String(d.limitMilliseconds)],
    ['clock', choice.clock, d.clock],
  ];
  return new URLSearchParams(
    entries
      .filter(([, value, usual]) => value !== usual)
      .map(([name, value]): [string, string] => [name, value]),
  );
}
