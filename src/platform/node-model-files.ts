/** The files of a model in Node: a folder, a URL, or a Hugging Face id if there is no folder of that name. */
import { existsSync } from 'node:fs';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { isPlainFileName } from '../base/file-name.ts';
import type { ModelFiles } from '../base/files.ts';
import type { ModelStorage } from '../base/model-storage.ts';
import { badOption } from '../base/option-checks.ts';
import type { OpenFilesOptions } from '../base/platform.ts';
import { shownLocation } from '../base/shown-location.ts';
import { warnOnConsole } from '../base/warnings.ts';
import { httpFiles } from '../files/http-files.ts';
import { huggingFaceUrl } from '../files/location.ts';
import { pickedFiles } from '../files/picked-files.ts';
import { newSha256 } from './hub/content-check.ts';
import { HubFiles } from './hub/hub-files.ts';
import { hubFetch } from './hub/hub-fetch.ts';
import { HubFolder } from './hub/hub-folder.ts';
import { hubSettings } from './hub/hub-settings.ts';
import { folderFiles } from './node-files.ts';
import { fileUrlPath, schemeOf } from './node-location.ts';

/** @throws UniSpeechError `bad-option` for options that only an id has, and for URLs that cannot be a folder. */
export function openModelFiles(location: string | URL, options: OpenFilesOptions = {}): ModelFiles {
  const picked = pickedFiles(location);
  if (picked) return picked;
  const text = String(location);
  if (huggingFaceUrl(text, options) !== undefined && !existsSync(text)) return idFiles(text, options);
  const { cache, cacheDir, localFilesOnly, stallTimeoutMs } = options;
  if (cache === true) throw keepsNothing('cache is true', text);
  const scheme = schemeOf(text);
  if (scheme === undefined) return folderFiles(text);
  if (scheme === 'file') return folderFiles(fileUrlPath(text, 'bad-option'));
  if (/^https?$/.test(scheme) && URL.canParse(text)) {
    if (cacheDir) throw keepsNothing('cache_dir is given', text);
    if (localFilesOnly === true) throw keepsNothing('local_files_only is true', text);
    return httpFiles(text, { stallTimeoutMs, newSha256 });
  }
  throw new UniSpeechError(
    'bad-option',
    `${describeValue(shownLocation(text))} is not the address of a model.`,
    'Give a folder, a Hugging Face id such as owner/name, or the http, https or file URL of a folder.',
  );
}

const keepsNothing = (given: string, location: string): UniSpeechError =>
  new UniSpeechError(
    'bad-option',
    `${given}, but in Node only Hugging Face ids are stored, and ${describeValue(shownLocation(location))} is none.`,
    'Leave the option out.',
  );

/** The files of an id, kept in the folder of `huggingface_hub` unless the caller does not want that. */
function idFiles(id: string, options: OpenFilesOptions): ModelFiles {
  const { cache, revision, stallTimeoutMs, onWarning = warnOnConsole } = options;
  checkId(id);
  const { endpoint, cacheFolder, token, offlineBy, usesLinks } = hubSettings(options);
  const hub = { endpoint, id, token, revision: checkedRevision(revision ?? 'main') };
  if (cache === false) {
    if (offlineBy !== undefined)
      throw badOption('cache', cache, `true where ${offlineBy} allows stored files alone`);
    const url = huggingFaceUrl(id, options, endpoint) ?? '';
    const missingFix = `Look at the files of ${endpoint}/${id}.`;
    return httpFiles(url, { location: id, missingFix, stallTimeoutMs, newSha256, fetch: hubFetch(hub) });
  }
  const folder = new HubFolder(cacheFolder, id, usesLinks, onWarning);
  return new HubFiles({ hub, folder, offlineBy, stallTimeoutMs });
}

/** The hub has no such names. The folders of `a--b/c` and `a/b--c` would be the same. @throws UniSpeechError `bad-option`. */
function checkId(id: string): void {
  if (!/--|\.\./.test(id)) return;
  throw new UniSpeechError(
    'bad-option',
    `${describeValue(id)} is neither a folder nor a Hugging Face id, in which "--" and ".." are not allowed.`,
    `Check the name, or write ./${id} for a folder.`,
  );
}

/** A name of git is also part of a path here. @throws UniSpeechError `bad-option`. */
function checkedRevision(revision: string): string {
  if (revision.split('/').every(isPlainFileName)) return revision;
  throw badOption('revision', revision, 'a branch, a tag, a commit or refs/pr/N');
}

/** Always empty: see `ModelStorage`. */
export const modelStorage: ModelStorage = {
  list: () => Promise.resolve([]),
  byteLength: () => Promise.resolve(0),
  estimate: () => Promise.resolve({ usage: 0, quota: 0 }),
  delete: () => Promise.resolve(false),
  clear: () => Promise.resolve(),
};
