/** The files of a model in Node: a folder, a URL, or a Hugging Face id where there is no folder of that name. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UniSpeechError } from '../base/errors.ts';
import type { ModelFiles } from '../base/files.ts';
import type { ModelStorage } from '../base/model-storage.ts';
import type { OpenFilesOptions } from '../base/platform.ts';
import { httpFiles, huggingFaceUrl } from '../weights/index.ts';
import { folderFiles } from './node-files.ts';

export const isHttp = (location: string): boolean => /^https?:\/\//i.test(location);

/** A `file:` URL or a path, as a path. */
export const toPath = (location: string): string =>
  location.startsWith('file:') ? fileURLToPath(location) : location;

/** @throws UniSpeechError `bad-option` for `cache: true`: Node has no storage of that kind. */
export function openModelFiles(
  location: string | URL,
  { cache, revision }: OpenFilesOptions = {},
): ModelFiles {
  if (cache === true) {
    throw new UniSpeechError(
      'bad-option',
      'cache is true, but Node has no browser storage: nothing would be kept.',
      'Leave the option out, and download the model to a folder.',
    );
  }
  const text = String(location);
  const idUrl = huggingFaceUrl(text, revision);
  if (idUrl !== undefined && !existsSync(text)) {
    const missingFix = `There is no folder of this name; as an id it is looked for at https://huggingface.co/${text}.`;
    return httpFiles(idUrl, { location: text, missingFix });
  }
  return isHttp(text) ? httpFiles(text) : folderFiles(toPath(text));
}

/** Always empty: see `ModelStorage`. */
export const modelStorage: ModelStorage = {
  list: () => Promise.resolve([]),
  byteLength: () => Promise.resolve(0),
  estimate: () => Promise.resolve({ usage: 0, quota: 0 }),
  delete: () => Promise.resolve(false),
  clear: () => Promise.resolve(),
};
