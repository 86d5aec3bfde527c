/** Names of model files: plain names only, so that no index file can point outside the model's own folder. */
import { UniSpeechError } from './errors.ts';

/** Whether a name means a file directly in the model's folder on every system: no separator, drive or parent. */
export function isPlainFileName(name: string): boolean {
  return name !== '' && name !== '.' && !name.includes('..') && !/[/\\:\0]/.test(name);
}

/** @throws UniSpeechError `bad-input` for a name with a path in it. */
export function checkPlainFileName(name: string, location: string): void {
  if (isPlainFileName(name)) return;
  throw new UniSpeechError(
    'bad-input',
    `Expected the plain name of a file in ${location}, found ${JSON.stringify(name)}.`,
    'Give the folder as the model, and the file name without any path.',
  );
}
