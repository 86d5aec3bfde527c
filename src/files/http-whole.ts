/** A file over HTTP that is read from its start to its end: texts, and audio. */
import type { RandomBytes } from '../base/sound-stream.ts';
import { fileAddress } from './file-address.ts';
import { openDownload, type StartedDownload } from './http-download.ts';
import { HttpError, type Missing, type RequestOptions } from './http-request.ts';
import { HttpSource } from './http-source.ts';

const FIRST_BYTE_LENGTH = 64 * 1024;

export interface WholeFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As of `StartedDownload`. */
  readonly etag: string | null;
  readonly sha256?: string | undefined;
}

/**
 * Reads a file to its end, resumed where the connection breaks off or stalls.
 * @param url may hold user and password; one that names no scheme is relative to the page.
 * @param tooLong the error where there are more bytes than `maxByteLength`: with their number where the server tells it, and
 * else as soon as they have come.
 * @throws UniSpeechError `network`, `not-found`, that of `tooLong`; the signal's reason.
 */
export async function downloadWhole(
  url: string,
  options: RequestOptions,
  maxByteLength: number,
  tooLong: (found?: number) => Error,
  signal: AbortSignal | undefined,
): Promise<WholeFile | Missing> {
  const opened = await openSource(url, options, signal);
  if (typeof opened === 'string') return opened;
  const { byteLength } = opened.source;
  let bytes = new Uint8Array(Math.min(byteLength, FIRST_BYTE_LENGTH));
  let filled = 0;
  try {
    if (byteLength > maxByteLength && byteLength < Infinity) throw tooLong(byteLength);
    for (;;) {
      const piece = await nextPiece(opened, filled, signal);
      if (!piece) break;
      const end = filled + piece.byteLength;
      if (end > maxByteLength) throw tooLong();
      if (end > bytes.byteLength) {
        // Of a known length it is enough at once, and no more than that.
        const grown = new Uint8Array(byteLength < Infinity ? byteLength : 2 * end);
        grown.set(bytes.subarray(0, filled));
        bytes = grown;
      }
      bytes.set(piece, filled);
      filled = end;
    }
    const { etag, sha256 } = opened.started;
    return { bytes: bytes.subarray(0, filled), etag, sha256 };
  } finally {
    await opened.source.close();
  }
}

/**
 * The same bytes as they come.
 * @param missing the error if there is no such file.
 */
export async function* downloadBlocks(
  url: string,
  options: RequestOptions,
  missing: (reason: Missing) => Error,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const opened = await openSource(url, options, signal);
  if (typeof opened === 'string') throw missing(opened);
  try {
    yield* blocksFrom(opened, 0, signal);
  } finally {
    await opened.source.close();
  }
}

/**
 * The same file, to be read in any place.
 * @returns undefined where the server tells no length, or sends no parts.
 */
export async function openRanges(
  url: string,
  options: RequestOptions,
  missing: (reason: Missing) => Error,
  signal: AbortSignal | undefined,
): Promise<RandomBytes | undefined> {
  const opened = await openSource(url, { ...options, ranged: true }, signal);
  if (typeof opened === 'string') throw missing(opened);
  const { source } = opened;
  const { byteLength } = source;
  if (source.isSequential || byteLength === Infinity) {
    await source.close();
    return undefined;
  }
  return {
    byteLength,
    read: async (offset, length) =>
      (await source.read(offset, Math.max(0, Math.min(length, byteLength - offset)), signal)).slice(),
    from: (offset) => blocksFrom(opened, offset, signal),
    close: () => source.close(),
  };
}

async function* blocksFrom(
  opened: OpenedSource,
  offset: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let filled = offset; ;) {
    const piece = await nextPiece(opened, filled, signal);
    if (!piece) return;
    filled += piece.byteLength;
    yield piece.slice();
  }
}

interface OpenedSource {
  readonly source: HttpSource;
  readonly started: StartedDownload;
  readonly url: string;
}

async function openSource(
  url: string,
  options: RequestOptions,
  signal: AbortSignal | undefined,
): Promise<OpenedSource | Missing> {
  const address = URL.canParse(url) ? fileAddress(url) : { url };
  const all = { ...options, ...address };
  const started = await openDownload(address.url, all, signal);
  if (typeof started === 'string') return started;
  return { source: new HttpSource(address.url, all, started), started, url: address.url };
}

/** Valid until the next call; undefined at the end. */
async function nextPiece(
  { source, url }: OpenedSource,
  filled: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const piece = await source.next(filled, Infinity, signal);
  if (piece && filled + piece.byteLength > source.byteLength) {
    throw new HttpError(url, {
      problem: `sent more than the ${source.byteLength} bytes that it announced`,
    });
  }
  return piece;
}
