/** The files of a model under a base URL. */
import { UniSpeechError, rejectUnknownOptions } from '../base/errors.ts';
import type { ModelFiles } from '../base/files.ts';
import { checkPlainFileName } from './file-name.ts';
import { fetchOrExplain, networkError } from './http-download.ts';
import { openHttpSource } from './http-source.ts';

export interface HttpFilesOptions {
  /** Used instead of the global `fetch`: for headers, a cache, or a proxy. */
  readonly fetch?: typeof fetch;
  /** Pause before the first retry of a dropped connection; it doubles with each further one. 250 when left out. */
  readonly retryDelayMs?: number;
}

/**
 * The files directly under `baseUrl` (its query is kept, for signed URLs).
 *
 * One open file is one running download: reads by ascending offset are served from it as it comes in, without
 * keeping the file, whether or not the server knows ranges. A read that goes back, or skips far ahead, starts a new
 * request there. So read in the order of the file.
 * @throws UniSpeechError from its methods: `network` with the URL and the numbers; a 404 is `undefined` instead.
 */
export function httpFiles(baseUrl: string | URL, options: HttpFilesOptions = {}): ModelFiles {
  rejectUnknownOptions(options, ['fetch', 'retryDelayMs'], 'httpFiles');
  const base = parseBaseUrl(baseUrl);
  const location = String(baseUrl);
  const { fetch: fetchFile = fetch, retryDelayMs = 250 } = options;
  const urlOf = (fileName: string): string => {
    checkPlainFileName(fileName, location);
    const url = new URL(encodeURIComponent(fileName), base);
    url.search = base.search;
    return url.href;
  };
  return {
    location,

    open: async (fileName, signal) => openHttpSource(urlOf(fileName), { fetchFile, retryDelayMs }, signal),

    async readText(fileName, signal) {
      const url = urlOf(fileName);
      const response = await fetchOrExplain(fetchFile, url, signal ? { signal } : {});
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      if (!response.ok) {
        await response.body?.cancel();
        throw networkError(url, `answered with status ${response.status} ${response.statusText}`.trimEnd());
      }
      try {
        return await response.text();
      } catch (cause) {
        signal?.throwIfAborted();
        throw networkError(url, 'broke off while it was read', cause);
      }
    },
  };
}

/** The base with a path that ends in a slash, so that file names are put after it. */
function parseBaseUrl(baseUrl: string | URL): URL {
  if (!URL.canParse(baseUrl)) {
    throw new UniSpeechError(
      'bad-input',
      `Expected the URL of a model's folder, found ${JSON.stringify(String(baseUrl))}.`,
      'Give an absolute URL such as https://example.com/models/name/.',
    );
  }
  const url = new URL(baseUrl);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  url.hash = '';
  return url;
}
