/** Checks callers' values. All errors have the same form: what the value is, and what it must be. */
import { isRecord } from './checks.ts';
import { describeValue, UniSpeechError } from './errors.ts';

export const badOption = (name: string, value: unknown, expected: string): UniSpeechError =>
  new UniSpeechError('bad-option', `${name} is ${describeValue(value)}, but it must be ${expected}.`);

export const badInput = (name: string, value: unknown, expected: string): UniSpeechError =>
  new UniSpeechError('bad-input', `${name} is ${describeValue(value)}, but it must be ${expected}.`);

/** @throws UniSpeechError `bad-option`. */
export function checkObject(name: string, value: unknown): void {
  if (!isRecord(value)) throw badOption(name, value, 'an object');
}

/** @throws UniSpeechError `bad-input`. */
export function checkString(name: string, value: unknown): void {
  if (typeof value !== 'string') throw badInput(name, value, 'a string');
}

/** @throws UniSpeechError `bad-option` for anything but true, false or undefined. */
export function checkBoolean(name: string, value: unknown): asserts value is boolean | null | undefined {
  if (typeof value !== 'boolean' && value !== undefined && value !== null)
    throw badOption(name, value, 'true or false');
}

/** @throws UniSpeechError `bad-option` for anything but a function or undefined. */
export function checkCallback(name: string, value: unknown): void {
  if (typeof value !== 'function' && value !== undefined && value !== null)
    throw badOption(name, value, 'a function');
}

/** Checks methods, not the class, so that signals of other realms and polyfills pass. @throws UniSpeechError `bad-option`. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal === null) return;
  if (
    isRecord(signal) &&
    ['throwIfAborted', 'addEventListener'].every((name) => typeof signal[name] === 'function')
  )
    return;
  throw badOption('signal', signal, 'an AbortSignal');
}

/** @throws UniSpeechError `bad-option`, which names the choices. */
export function checkChoice<Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly Choice[],
): asserts value is Choice {
  if (choices.some((choice) => choice === value)) return;
  const quoted = choices.map((choice) => `'${choice}'`);
  throw badOption(name, value, `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`);
}
