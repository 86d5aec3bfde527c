/** Fields of formats whose lines are divided by white space. */
import { describeValue, UniSpeechError } from '../base/errors.ts';

/** @throws UniSpeechError `bad-input` for what is no text, is empty or has white space. */
export function fieldText(what: string, format: 'an RTTM' | 'a CTM', text: unknown): string {
  if (typeof text === 'string' && /^\S+$/.test(text)) return text;
  throw new UniSpeechError(
    'bad-input',
    `${what} of ${format} file is ${describeValue(text)}, expected text without white space, which divides the fields.`,
    'Put "_" in its place.',
  );
}
