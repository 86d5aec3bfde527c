/**
 * Model files kept through the Cache API, which pages and workers of every browser have. One cache holds, for each file,
 *
 *     https://unispeech.invalid/FILE-URL?record            what is known of the file, as JSON
 *     https://unispeech.invalid/FILE-URL?block=0&of=ETAG   4 MiB of it, with their SHA-256 in a header; block=1, …
 *
 * Every block stands for itself, so that an interrupted download goes on where it stopped; and blocks of two versions of
 * a file never mix, since their names differ.
 */
import { isError } from '../base/checks.ts';
import type { WarningCallback, WarningCode } from '../base/files.ts';
import { BodyReader } from './body-reader.ts';

export const BLOCK_BYTE_LENGTH = 4 * 2 ** 20;

export interface FileRecord {
  /** Without a signature in its query: it changes. */
  readonly url: string;
  readonly byteLength: number;
  readonly etag: string | null;
  readonly sha256?: string | undefined;
  /** Whether every block was there, and the file had the sha256 that it should. */
  readonly complete: boolean;
  /** The server said that there is no such file: the model does without it. */
  readonly absent?: boolean;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
}

const KEY_BASE = 'https://unispeech.invalid/';
const RECORD_QUERY = '?record';
const DIGEST_HEADER = 'sha-256';

const keyOf = (url: string, query: string): string => KEY_BASE + encodeURIComponent(url) + query;
const blockKey = ({ url, etag, byteLength }: FileRecord, index: number): string =>
  keyOf(url, `?block=${index}&of=${encodeURIComponent(etag ?? '')}/${byteLength}`);

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).join();
}

/** The kept files of one load. No method throws: storage that fails is warned of once and then left alone. */
export class FileCache {
  readonly #open: () => Promise<Cache>;
  readonly #onWarning: WarningCallback;
  #cache: Promise<Cache> | undefined;
  #isOpen = true;

  /** @param open gives the cache, or throws where the browser allows none. */
  constructor(open: () => Promise<Cache>, onWarning: WarningCallback) {
    this.#open = open;
    this.#onWarning = onWarning;
  }

  /** On its own: a listener that throws must not fail a block that is being kept. */
  warn(code: WarningCode, message: string): void {
    queueMicrotask(() => this.#onWarning(code, message));
  }

  /** False once the storage has failed: nothing is kept any more. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  find(url: string): Promise<FileRecord | undefined> {
    return this.#try(url, (cache) => readRecord(cache, keyOf(url, RECORD_QUERY)));
  }

  /** Says what is known of a file; to be called before its first block. */
  async putRecord(record: FileRecord): Promise<void> {
    await this.#try(record.url, (cache) => cache.put(keyOf(record.url, RECORD_QUERY), Response.json(record)));
  }

  /** Fills `block` with the content of a block of that length, if there is any that is good. */
  async readBlock(
    file: FileRecord,
    index: number,
    block: Uint8Array<ArrayBuffer>,
  ): Promise<'good' | 'missing' | 'corrupt'> {
    const response = await this.#try(file.url, (cache) => cache.match(blockKey(file, index)));
    if (!response?.body) return 'missing';
    const hasLength = await fillFrom(response.body, block).catch(() => false);
    const isGood = hasLength && (await digestOf(block)) === response.headers.get(DIGEST_HEADER);
    return isGood ? 'good' : 'corrupt';
  }

  /** Has taken its copy of `bytes` when it returns the promise. */
  async putBlock(file: FileRecord, index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const body = new Blob([bytes]);
    const digesting = digestOf(bytes);
    await this.#try(file.url, async (cache) => {
      const headers = { [DIGEST_HEADER]: await digesting };
      await cache.put(blockKey(file, index), new Response(body, { headers }));
    });
  }

  async remove(url: string): Promise<void> {
    await this.#try(url, (cache) => removeFile(cache, url));
  }

  /** After a failure what is kept of the file goes as well: it would only fill the storage. */
  async #try<T>(url: string, use: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    if (!this.#isOpen) return undefined;
    try {
      this.#cache ??= this.#open();
      return await use(await this.#cache);
    } catch (error) {
      // Another call may have failed meanwhile.
      const isFirst = this.isOpen;
      this.#isOpen = false;
      await this.#cache?.then((cache) => removeFile(cache, url)).catch(() => undefined);
      const reason = isError(error) ? error : { name: '', message: String(error) };
      if (isFirst && reason.name === 'QuotaExceededError') {
        this.warn('cache-full', 'The storage of this site is full: the model is used without being kept.');
      } else if (isFirst) {
        this.warn(
          'cache-unavailable',
          `The browser's storage cannot be used here (${reason.message}): the model is used without being kept.`,
        );
      }
      return undefined;
    }
  }
}

/** @returns whether `block` has the length of the body. */
async function fillFrom(body: ReadableStream<Uint8Array<ArrayBuffer>>, block: Uint8Array): Promise<boolean> {
  const reader = new BodyReader(body);
  let filled = 0;
  for (let piece = await reader.read(); piece; piece = await reader.read()) {
    if (filled + piece.byteLength > block.byteLength) {
      reader.cancel();
      return false;
    }
    block.set(piece, filled);
    filled += piece.byteLength;
  }
  return filled === block.byteLength;
}

/** Removes a file in all its versions. */
function removeFile(cache: Cache, url: string): Promise<boolean> {
  return cache.delete(keyOf(url, ''), { ignoreSearch: true });
}

async function readRecord(cache: Cache, key: string): Promise<FileRecord | undefined> {
  const response = await cache.match(key);
  return response?.json().catch(() => undefined) as Promise<FileRecord | undefined>;
}

/** Every record, and how many bytes of its file are there. */
export async function listFiles(cache: Cache): Promise<readonly (FileRecord & { keptByteLength: number })[]> {
  const keys = (await cache.keys()).map(({ url }) => url);
  const files = keys
    .filter((key) => key.endsWith(RECORD_QUERY))
    .map(async (key) => {
      const record = await readRecord(cache, key);
      if (!record || record.absent) return [];
      const prefix = `${key.slice(0, -RECORD_QUERY.length)}?block=`;
      const blockCount = keys.filter((other) => other.startsWith(prefix)).length;
      return [{ ...record, keptByteLength: Math.min(record.byteLength, blockCount * BLOCK_BYTE_LENGTH) }];
    });
  return (await Promise.all(files)).flat();
}

/** The folder of a file and the query, which belongs to all files of a model, as one URL; and the name in the folder. */
export function splitFileUrl(url: string): { readonly location: string; readonly name: string } {
  const [, folder = '', name = '', query = ''] =
    /^([^?]*?)\/((?:language_model\/)?[^?/]*)(\?.*)?$/s.exec(url) ?? [];
  return { location: folder + query, name };
}

/**
 * Removes every file directly in a folder.
 * @param location as of `splitFileUrl`.
 * @returns whether there was any.
 */
export async function removeFolder(cache: Cache, location: string): Promise<boolean> {
  const keys = (await cache.keys()).filter(({ url }) => {
    const [file = ''] = url.slice(KEY_BASE.length).split('?');
    return file !== '' && splitFileUrl(decodeURIComponent(file)).location === location;
  });
  await Promise.all(keys.map((key) => cache.delete(key)));
  return keys.length > 0;
}
