/** Names of model files: plain names only, so that no index file can point outside the model's own folder. */
import { UniSpeechError } from './errors.ts';

/** Whether a name means a file directly in the model's folder on every system: no separator, drive or parent. */
export function isPlainFileName(name: string): boolean {
  return name !== '' && name !== '.' && !name.includes('..') && !/[/\\:\0]/.test(name);
}

/** The only folder inside that of a model whose files are read: that of a processor with a language model. */
export const LANGUAGE_MODEL_FOLDER = 'language_model';

/** @throws UniSpeechError `bad-input` for a name with a path in it, but for those in `LANGUAGE_MODEL_FOLDER`. */
export function checkModelFileName(name: string, location: string): void {
  const inner = `${LANGUAGE_MODEL_FOLDER}/`;
  if (isPlainFileName(name.startsWith(inner) ? name.slice(inner.length) : name)) return;
  throw new UniSpeechError(
    'bad-input',
    `Expected the plain name of a file in ${location}, found ${JSON.stringify(name)}.`,
    'Give the folder as the model, and the file name without any path.',
  );
}
