/** The files of a model in Node: a folder, a URL, or a Hugging Face id if there is no folder of that name. */
import { existsSync } from 'node:fs';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import type { ModelFiles } from '../base/files.ts';
import type { ModelStorage } from '../base/model-storage.ts';
import type { OpenFilesOptions } from '../base/platform.ts';
import { shownLocation } from '../base/shown-location.ts';
import { httpFiles } from '../files/http-files.ts';
import { huggingFaceUrl } from '../files/location.ts';
import { folderFiles } from './node-files.ts';
import { fileUrlPath, schemeOf } from './node-location.ts';

/** @throws UniSpeechError `bad-option` for `cache: true` (Node has no browser storage) and for URLs that cannot be a folder. */
export function openModelFiles(
  location: string | URL,
  { cache, revision, stallTimeoutMs }: OpenFilesOptions = {},
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
    return httpFiles(idUrl, { location: text, missingFix, stallTimeoutMs });
  }
  const scheme = schemeOf(text);
  if (scheme === undefined) return folderFiles(text);
  if (scheme === 'file') return folderFiles(fileUrlPath(text, 'bad-option'));
  if (/^https?$/.test(scheme) && URL.canParse(text)) return httpFiles(text, { stallTimeoutMs });
  throw new UniSpeechError(
    'bad-option',
    `${describeValue(shownLocation(text))} is not the address of a model.`,
    'Give a folder, a Hugging Face id such as owner/name, or the http, https or file URL of a folder.',
  );
}

/** Always empty: see `ModelStorage`. */
export const modelStorage: ModelStorage = {
  list: () => Promise.resolve([]),
  byteLength: () => Promise.resolve(0),
  estimate: () => Promise.resolve({ usage: 0, quota: 0 }),
  delete: () => Promise.resolve(false),
  clear: () => Promise.resolve(),
};
