/** The files of a model under a base URL. */
import { UniSpeechError, rejectUnknownOptions } from '../base/errors.ts';
import type { ByteSource, ModelFiles } from '../base/files.ts';
import { BlockSource } from './block-source.ts';
import type { FileCache, FileRecord } from './file-cache.ts';
import { checkPlainFileName } from './file-name.ts';
import {
  type Missing,
  type StartedDownload,
  fetchFile,
  networkError,
  startDownload,
  tagOf,
} from './http-download.ts';
import { HttpSource } from './http-source.ts';

export interface HttpFilesOptions {
  /** Shown in errors and events in place of the base URL: what the user gave. */
  readonly location?: string;
  /** What to do where the model is not there. */
  readonly missingFix?: string | undefined;
  /** Used instead of the global `fetch`: for headers or a proxy. */
  readonly fetch?: typeof fetch;
  /** Pause before the first retry of a dropped connection; it doubles with each further one. 250 when left out. */
  readonly retryDelayMs?: number;
  /** Where the files are kept, and read from when they have not changed or the network is down. */
  readonly cache?: FileCache | undefined;
}

/**
 * The files directly under `baseUrl` (its query is kept, for signed URLs).
 *
 * One open file is one running download: reads by ascending offset are served from it as it comes in, without
 * keeping the file, whether or not the server knows ranges. A read that goes back, or skips far ahead, starts a new
 * request there. So read in the order of the file.
 * @throws UniSpeechError from its methods: `network` with the URL and the numbers, `not-found` for a 401 or 403,
 * `bad-checkpoint` for a file that is not what the server's SHA-256 says. A 404, or an HTML page, is `undefined` instead.
 */
export function httpFiles(baseUrl: string | URL, options: HttpFilesOptions = {}): ModelFiles {
  rejectUnknownOptions(options, ['location', 'missingFix', 'fetch', 'retryDelayMs', 'cache'], 'httpFiles');
  const base = parseBaseUrl(baseUrl);
  const { location = String(baseUrl), missingFix, fetch: send = fetch, retryDelayMs = 250, cache } = options;
  const urlOf = (fileName: string): string => {
    checkPlainFileName(fileName, location);
    const url = new URL(encodeURIComponent(fileName), base);
    url.search = base.search;
    return url.href;
  };
  let hasHtml = false;
  const note = <T>(answer: T | Missing): T | Missing => {
    hasHtml ||= answer === 'html';
    return answer;
  };
  const sourceOptions = {
    // A model in the HTTP cache as well would lie on the disk twice.
    fetchFile: cache
      ? (input: RequestInfo | URL, init?: RequestInit) => send(input, { ...init, cache: 'no-store' })
      : send,
    retryDelayMs,
    missingFix,
  };

  /** The head of a file; from what is kept where that is still right, or nobody can say. */
  const start = async (
    url: string,
    kept: FileRecord | undefined,
    signal: AbortSignal | undefined,
  ): Promise<StartedDownload | Missing> => {
    const asKept = kept && { ...kept, download: undefined, sha256: kept.sha256 };
    if (asKept && !kept.absent) {
      const head = await startDownload(url, 0, sourceOptions, signal, 'HEAD').catch(() => undefined);
      // Further requests are compared with what the server says now.
      if (typeof head === 'object' && isSame(head, kept)) return { ...asKept, etag: head.etag };
    }
    try {
      const started = note(await startDownload(url, 0, sourceOptions, signal));
      // A page of a login or of a network's own, not of the model's server: nothing is known of the file.
      return started === 'html' && asKept?.complete && !kept?.absent ? asKept : started;
    } catch (error) {
      if (!asKept?.complete || !isNetworkError(error)) throw error;
      return kept?.absent ? 'not-found' : asKept;
    }
  };

  const keepAbsence = async (url: string): Promise<void> => {
    await cache?.remove(url);
    await cache?.putRecord(absentRecord(url));
  };

  const readKept = async (kept: FileRecord): Promise<string | undefined> => {
    const bytes = new Uint8Array(kept.byteLength);
    return (await cache?.readBlock(kept, 0, bytes)) === 'good' ? new TextDecoder().decode(bytes) : undefined;
  };

  return {
    location,

    get missingFix() {
      return hasHtml
        ? 'The server sends an HTML page in place of files that it does not have: check the address of the model.'
        : missingFix;
    },

    async open(fileName, signal): Promise<ByteSource | undefined> {
      const name = urlOf(fileName);
      const url = withoutQuery(name);
      const kept = await cache?.find(url);
      const started = await start(name, kept, signal);
      if (typeof started === 'string') {
        if (!kept?.absent) await keepAbsence(url);
        return undefined;
      }
      const source = new HttpSource(name, sourceOptions, started);
      const { byteLength, etag, sha256 } = started;
      if (!cache?.isOpen && sha256 === undefined) return source;
      const isKnown = kept !== undefined && isSame(started, kept);
      if (kept && !isKnown) await cache?.remove(url);
      const record = { url, byteLength, etag, sha256, complete: false, storedAt: Date.now() };
      return new BlockSource(source, isKnown ? { ...kept, sha256 } : record, cache, isKnown);
    },

    async readText(fileName, signal) {
      const name = urlOf(fileName);
      const url = withoutQuery(name);
      const kept = await cache?.find(url);
      try {
        const response = note(
          await fetchFile(
            name,
            { fetchFile: send, missingFix },
            { headers: { Accept: 'application/json, text/plain' }, ...(signal && { signal }) },
          ),
        );
        if (typeof response === 'string') {
          const text = response === 'html' && kept && !kept.absent ? await readKept(kept) : undefined;
          if (text === undefined && !kept?.absent) await keepAbsence(url);
          return text;
        }
        const bytes = new Uint8Array(
          await response.arrayBuffer().catch((cause: unknown) => {
            signal?.throwIfAborted();
            throw networkError(name, 'broke off while it was read', cause);
          }),
        );
        const { byteLength } = bytes;
        const etag = tagOf(response.headers);
        const record = { url, byteLength, etag, complete: true, storedAt: Date.now() };
        if (cache && !(kept && etag !== null && isSame(record, kept))) {
          await cache.remove(url);
          await cache.putRecord(record);
          await cache.putBlock(record, 0, bytes);
        }
        return new TextDecoder().decode(bytes);
      } catch (error) {
        if (!kept || !isNetworkError(error)) throw error;
        if (kept.absent) return undefined;
        const text = await readKept(kept);
        if (text === undefined) throw error;
        return text;
      }
    },
  };
}

const isNetworkError = (error: unknown): boolean =>
  error instanceof UniSpeechError && error.code === 'network';

const absentRecord = (url: string): FileRecord => ({
  url,
  byteLength: 0,
  etag: null,
  complete: true,
  absent: true,
  storedAt: Date.now(),
});

/**
 * Whether a file is the version that is kept. Not every answer carries the tag; but without any, a half-kept file cannot
 * be told from its next version, and a whole one is held to be the same while length and digest, if there is one, are.
 */
function isSame(now: Pick<FileRecord, 'byteLength' | 'etag' | 'sha256'>, kept: FileRecord): boolean {
  const isOther = now.sha256 !== undefined && kept.sha256 !== undefined && now.sha256 !== kept.sha256;
  return (
    !isOther &&
    now.byteLength === kept.byteLength &&
    !kept.absent &&
    (kept.complete || kept.etag !== null) &&
    (now.etag === kept.etag || now.etag === null || kept.etag === null)
  );
}

const withoutQuery = (url: string): string => url.replace(/\?.*/, '');

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
