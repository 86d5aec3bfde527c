/** The address of a model in a page. */
import { UniSpeechError, describeValue } from '../base/errors.ts';
import { shownLocation } from '../base/shown-location.ts';
import { folderAddress, unsigned } from '../files/file-address.ts';
import { huggingFaceUrl, type HubOptions } from '../files/location.ts';
import { splitFileUrl } from '../files/file-cache.ts';

/**
 * `owner/name` is a Hugging Face id. Everything else is a URL, relative to the page as in `fetch`. A relative path with one slash
 * must begin with `./` or end with a slash.
 * @throws UniSpeechError `bad-option`, also for URLs that cannot be a folder: `data:`, `blob:`, `ftp:`, and for an address of chosen files of
 * another page or worker.
 */
export function modelUrl(location: string | URL, options?: HubOptions): URL {
  const base = typeof document === 'undefined' ? globalThis.location.href : document.baseURI;
  const given = huggingFaceUrl(location, options) ?? location;
  const url = URL.canParse(given, base) ? new URL(given, base) : undefined;
  if (url && !/^(data|blob|ftp|picked):$/.test(url.protocol)) return url;
  throw new UniSpeechError(
    'bad-option',
    `${describeValue(shownLocation(location))} is not the address of a model.`,
    'Give a Hugging Face id such as owner/name, or the URL of a folder.',
  );
}

/** The key under which the files of a model are stored: see `splitFileUrl`. */
export function modelFolder(location: string | URL, revision?: string | null): string {
  return splitFileUrl(unsigned(folderAddress(modelUrl(location, { revision })).url)).location;
}
