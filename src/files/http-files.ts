/** The files of a model under a base URL. */
import { UniSpeechError, describeValue, rejectUnknownOptions } from '../base/errors.ts';
import { type ByteSource, MAX_TEXT_BYTE_LENGTH, type ModelFiles, textTooLong } from '../base/files.ts';
import { shownLocation } from '../base/shown-location.ts';
import { BlockSource } from './block-source.ts';
import { folderAddress, unsigned } from './file-address.ts';
import type { FileCache, FileRecord } from './file-cache.ts';
import type { RunningDigest } from './file-check.ts';
import { checkModelFileName } from '../base/file-name.ts';
import { hubListUrl, namesInList } from './hub-list.ts';
import { type StartedDownload, openDownload, startDownload } from './http-download.ts';
import { HttpError, type Missing, type RequestOptions } from './http-request.ts';
import { HttpSource } from './http-source.ts';
import { type WholeFile, downloadWhole } from './http-whole.ts';
import { measure } from './safetensors-length.ts';
import { Sha256 } from './sha256.ts';

export interface HttpFilesOptions {
  /** What the user gave in place of the base URL: for events, and without what grants access for errors. */
  readonly location?: string;
  /** What to do where the model is not there. */
  readonly missingFix?: string | undefined;
  /** Sent to the server of the base URL. */
  readonly token?: string | undefined;
  /** Used instead of the global `fetch`: for headers or a proxy. */
  readonly fetch?: typeof fetch | undefined;
  /**
   * Pause before the first of three retries where a connection cannot be made, drops or stalls, or the server is busy; it
   * doubles with each further one. A `Retry-After` of up to a minute goes first. 250 when left out.
   */
  readonly retryDelayMs?: number | undefined;
  /** A connection that brings no byte for so long counts as dropped. 30,000 when left out. */
  readonly stallTimeoutMs?: number | undefined;
  /** Where the files are kept, and read from when they have not changed or the network is down. */
  readonly cache?: FileCache | undefined;
  /** A faster one than our own, where the platform has it. */
  readonly newSha256?: () => RunningDigest;
}

/**
 * The files directly under `baseUrl`. Its query goes to each of them, for revisions and signed URLs:
 * `https://x/m/?rev=A` has `https://x/m/config.json?rev=A`. Its user and password become the header `Authorization`.
 *
 * Where a server does not say how long the weights are, their own header does.
 *
 * One open file is one running download: reads by ascending offset are served from it as it comes in, without
 * keeping the file, whether or not the server knows ranges. A read that goes back, or skips far ahead, starts a new
 * request there. So read in the order of the file.
 * @throws UniSpeechError from its methods: `network` with the URL and the numbers, `not-found` for a 401 or 403,
 * `bad-checkpoint` for a file that is not what the server's SHA-256 says. A 404, or an HTML page, is `undefined` instead.
 */
export function httpFiles(baseUrl: string | URL, given: HttpFilesOptions = {}): ModelFiles {
  rejectUnknownOptions(
    given,
    ['location', 'missingFix', 'fetch', 'token', 'retryDelayMs', 'stallTimeoutMs', 'cache', 'newSha256'],
    'httpFiles',
  );
  if (!URL.canParse(baseUrl)) {
    throw new UniSpeechError(
      'bad-input',
      `Expected the URL of a model's folder, found ${describeValue(String(baseUrl))}.`,
      'Give an absolute URL such as https://example.com/models/name/.',
    );
  }
  const { url: base, authorization: basic } = folderAddress(baseUrl);
  const authorization = given.token === undefined ? basic : `Bearer ${given.token}`;
  const { location: id = String(baseUrl), cache, newSha256 = () => new Sha256(), ...others } = given;
  const location = shownLocation(id, true);
  const urlOf = (fileName: string): string => {
    checkModelFileName(fileName, location);
    const url = new URL(fileName.split('/').map(encodeURIComponent).join('/'), base);
    url.search = new URL(base).search;
    return url.href;
  };
  let hasHtml = false;
  const { fetch: send = fetch, missingFix } = others;
  // A model in the HTTP cache as well would lie on the disk twice.
  const fetchPlainly: typeof fetch = (input, init) => send(input, { ...init, cache: 'no-store' });
  const text: RequestOptions = { ...others, authorization, accept: 'application/json, text/plain' };
  const options: RequestOptions = {
    ...text,
    accept: 'application/octet-stream',
    ranged: true,
    fetch: cache ? fetchPlainly : send,
  };
  /** What is kept as a whole is taken at once where the network is down. */
  const triesOf = ({ record }: Known) => (record?.complete ? { retries: 0 } : {});

  /**
   * Asks the server for a file, and takes what is kept where it cannot say anything of it.
   * @returns undefined where there is no such file.
   */
  const ask = async <T extends object>(
    { key, record, kept }: Known,
    askServer: () => Promise<T | Missing>,
    fromKept: (kept: FileRecord) => Promise<T | undefined>,
  ): Promise<T | undefined> => {
    let answer: T | Missing | undefined;
    try {
      answer = await askServer();
      hasHtml ||= answer === 'html';
      // A page of a login or of a network's own, not of the model's server: nothing is known of the file.
      if (answer === 'html' && kept?.complete) answer = (await fromKept(kept)) ?? answer;
    } catch (error) {
      if (!record?.complete || !isNetworkError(error)) throw error;
      answer = kept ? await fromKept(kept) : 'not-found';
      if (answer === undefined) throw error;
    }
    if (typeof answer === 'object') return answer;
    if (!record?.absent) {
      await cache?.remove(key);
      await cache?.putRecord({ ...describe(key, 0, null), complete: true, absent: true });
    }
    return undefined;
  };

  const find = async (fileName: string): Promise<Known> => {
    const url = urlOf(fileName);
    const key = unsigned(url);
    const record = await cache?.find(key);
    return { url, key, record, kept: record?.absent ? undefined : record };
  };

  return {
    location,
    id,

    get missingFix() {
      return hasHtml
        ? 'The server sends an HTML page in place of files that it does not have: check the address of the model.'
        : missingFix;
    },

    async open(fileName, signal): Promise<ByteSource | undefined> {
      const known = await find(fileName);
      const { url, key, record, kept } = known;
      const started = await ask<StartedDownload>(
        known,
        async () => {
          const head = kept && (await startDownload(url, 0, options, signal, 'HEAD').catch(() => undefined));
          // Further requests are compared with what the server says now.
          if (typeof head === 'object' && isSame(head, kept)) return { ...kept, etag: head.etag };
          return openDownload(url, { ...options, ...triesOf(known) }, signal);
        },
        (file) => Promise.resolve(file),
      );
      if (!started) return undefined;
      const source = new HttpSource(url, options, started);
      if (source.byteLength === Infinity) await measure(source, signal);
      const { byteLength } = source;
      const { etag, sha256 } = started;
      if (byteLength === Infinity || (!cache?.isOpen && sha256 === undefined)) return source;
      const isKnown = isSame({ byteLength, etag, sha256 }, kept);
      if (record && !isKnown) await cache?.remove(key);
      const file = isKnown ? kept : { ...describe(key, byteLength, etag), complete: false };
      const check =
        sha256 === undefined ? undefined : { kind: 'SHA-256', digest: newSha256(), expected: sha256 };
      return new BlockSource(source, { ...file, sha256 }, cache, isKnown, check);
    },

    async readText(fileName, signal, maxByteLength = MAX_TEXT_BYTE_LENGTH) {
      const known = await find(fileName);
      const { url, key, kept } = known;
      const read = await ask<Pick<WholeFile, 'bytes'>>(
        known,
        async () => {
          const whole = await downloadWhole(
            url,
            { ...text, ...triesOf(known) },
            maxByteLength,
            (found) => textTooLong(shownLocation(url), maxByteLength, found),
            signal,
          );
          if (typeof whole === 'string') return whole;
          const { bytes, etag } = whole;
          const file = { ...describe(key, bytes.byteLength, etag), complete: true };
          if (cache && (file.etag === null || !isSame(file, kept))) {
            await cache.remove(key);
            await cache.putRecord(file);
            await cache.putBlock(file, 0, bytes);
          }
          return whole;
        },
        async (file) => {
          const bytes = new Uint8Array(file.byteLength);
          return (await cache?.readBlock(file, 0, bytes)) === 'good' ? { bytes } : undefined;
        },
      );
      return read && new TextDecoder().decode(read.bytes);
    },

    async listLanguageModel(signal) {
      const list = hubListUrl(base);
      if (list === undefined) return undefined;
      const whole = await downloadWhole(
        list,
        { ...text, retries: 1 },
        MAX_TEXT_BYTE_LENGTH,
        (found) => textTooLong(shownLocation(list), MAX_TEXT_BYTE_LENGTH, found),
        signal,
      );
      if (whole === 'not-found') return [];
      return typeof whole === 'string' ? undefined : namesInList(whole.bytes);
    },
  };
}

/** What is known of a file before the server is asked. */
interface Known {
  readonly url: string;
  /** The URL without a signature. */
  readonly key: string;
  readonly record: FileRecord | undefined;
  /** The record where it is not of a file that was not there. */
  readonly kept: FileRecord | undefined;
}

/** Whether nothing was said of the file: there was no answer, or no request (`requestsRefusedBy`). */
const isNetworkError = (error: unknown): boolean =>
  error instanceof UniSpeechError &&
  (error.code === 'network' || (error instanceof HttpError && error.failure.status === undefined));

const describe = (url: string, byteLength: number, etag: string | null) => ({
  url,
  byteLength,
  etag,
  storedAt: Date.now(),
});

/**
 * Whether a file is the version that is kept. Not every answer carries the tag; but without any, a half-kept file cannot
 * be told from its next version, and a whole one is held to be the same while length and digest, if there is one, are.
 */
function isSame(
  now: Pick<FileRecord, 'byteLength' | 'etag' | 'sha256'>,
  kept: FileRecord | undefined,
): kept is FileRecord {
  if (!kept) return false;
  // An answer that tells no length tells the version by its tag or not at all.
  if (now.byteLength === Infinity) return now.etag !== null && now.etag === kept.etag;
  if (kept.byteLength !== now.byteLength) return false;
  const isOther = now.sha256 !== undefined && kept.sha256 !== undefined && now.sha256 !== kept.sha256;
  return (
    !isOther &&
    (kept.complete || kept.etag !== null) &&
    (now.etag === kept.etag || now.etag === null || kept.etag === null)
  );
}
