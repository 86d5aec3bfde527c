/** One HTTP response whose body is read bit by bit, from a given byte of the file on. */
import { abortable } from '../base/abortable.ts';
import { hexOf } from '../base/bytes.ts';
import { BodyReader } from './body-reader.ts';
import {
  HttpError,
  type Missing,
  type RequestOptions,
  beforeStall,
  discardBody,
  explainUnreached,
  request,
  withRetries,
} from './http-request.ts';

/** The body of a response, and where in the file its next byte lies. */
export interface Download {
  readonly reader: BodyReader;
  /** Whether the server obeyed `Range`; without it every request starts at the file's first byte. */
  readonly ranged: boolean;
  /** Whether the body is compressed on its way: ranges would count the compressed bytes. */
  readonly isEncoded: boolean;
  /** Bytes that have come in and were not consumed yet. */
  rest: Uint8Array;
  byteOffset: number;
}

export interface StartedDownload {
  /** Undefined for an empty file, or where only the head was asked for. */
  readonly download?: Download;
  /** Of the whole file; `Infinity` where the answer does not tell. */
  readonly byteLength: number;
  /** Changes with the file's content (ETag, else Last-Modified); null where the server sends neither. */
  readonly etag: string | null;
  /** Of the whole file, in lower-case hexadecimal digits, where the server gives it. */
  readonly sha256?: string | undefined;
}

/**
 * Asks for a file from `byteOffset` to its end, once. A server without ranges answers with the whole file: then the
 * download begins at 0.
 * @param method `HEAD` asks for everything but the content.
 * @throws UniSpeechError `network`, `not-found`.
 */
export async function startDownload(
  url: string,
  byteOffset: number,
  options: RequestOptions,
  signal: AbortSignal | undefined,
  method: 'GET' | 'HEAD' = 'GET',
): Promise<StartedDownload | Missing> {
  const { accept, authorization, ranged = false } = options;
  const headers = {
    ...(accept && { Accept: accept }),
    ...(authorization && { Authorization: authorization }),
    ...((ranged || byteOffset > 0) && { Range: `bytes=${byteOffset}-` }),
  };
  const response = await request(url, options, { method, headers }, signal);
  if (typeof response === 'string') return response;
  try {
    return describeResponse(url, byteOffset, response, method);
  } catch (error) {
    discardBody(response);
    throw error;
  }
}

/** Asks for a file from its start, as often as it takes. */
export async function openDownload(
  url: string,
  options: RequestOptions,
  signal: AbortSignal | undefined,
): Promise<StartedDownload | Missing> {
  try {
    return await withRetries(() => startDownload(url, 0, options, signal), options, signal);
  } catch (error) {
    throw await explainUnreached(error, url, options, signal);
  }
}

function describeResponse(
  url: string,
  byteOffset: number,
  response: Response,
  method: 'GET' | 'HEAD',
): StartedDownload {
  const { status, headers, body } = response;
  const etag = tagOf(headers);
  // An empty file has no byte 0, so that a range from there cannot be satisfied.
  if (status === 416 && byteOffset === 0) {
    discardBody(response);
    return { byteLength: 0, etag };
  }
  const isPart = status === 206;
  if (status !== 200 && !isPart) {
    throw new HttpError(url, { problem: `answered with status ${status}`, status });
  }
  const isEncoded = !/^(identity)?$/i.test(headers.get('Content-Encoding') ?? '');
  const start = isPart ? byteOffset : 0;
  const about = {
    byteLength: isEncoded ? Infinity : fileByteLength(url, start, response, method),
    etag,
    sha256: sha256Of(headers, start),
  };
  if (method === 'HEAD') return about;
  if (body) {
    const ranged = isPart && !isEncoded;
    const reader = new BodyReader(body);
    return { ...about, download: { reader, ranged, isEncoded, rest: new Uint8Array(), byteOffset: start } };
  }
  if (about.byteLength === start || about.byteLength === Infinity) return { ...about, byteLength: start };
  throw new HttpError(url, { problem: `answered without a body, expected ${about.byteLength} bytes` });
}

/** What changes with a file's content; pages of another origin may always see Last-Modified. */
export const tagOf = (headers: Headers): string | null => headers.get('ETag') ?? headers.get('Last-Modified');

/**
 * From Content-Range or Content-Length. A page sees the latter of another origin, but not whether it is that of compressed
 * bytes: there it counts for little.
 */
function fileByteLength(url: string, start: number, response: Response, method: string): number {
  const { headers, type } = response;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('Content-Range') ?? '');
  if (range && Number(range[1]) !== start) {
    throw new HttpError(url, {
      problem: `sent bytes from ${String(range[1])} on, expected them from ${start} on`,
    });
  }
  if (range) return range[2] === '*' ? Infinity : Number(range[2]);
  const length = headers.get('Content-Length');
  return length === null || (type === 'cors' && method === 'GET') ? Infinity : start + Number(length);
}

/**
 * RFC 9530 and RFC 3230 have headers for the digest; of Hugging Face's two tags the linked one is it. A plain tag may be any
 * 64 digits: a store's own hash, a digest of other things.
 */
function sha256Of(headers: Headers, start: number): string | undefined {
  const [, linked] = /^"?([\da-f]{64})"?$/i.exec(headers.get('X-Linked-ETag') ?? '') ?? [];
  if (linked !== undefined) return linked.toLowerCase();
  // The content of an answer is the file only where the answer begins with the file.
  const names = start === 0 ? ['Repr-Digest', 'Digest', 'Content-Digest'] : ['Repr-Digest', 'Digest'];
  const digests = names.map((name) => headers.get(name) ?? '').join();
  const [, base64] = /\bsha-256=:?([\w+/]{43}=)/i.exec(digests) ?? [];
  if (base64 === undefined) return undefined;
  return hexOf(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))).join('');
}

/** The next bytes, at most so many; undefined where the body ends. Valid until the next call. */
export async function take(
  download: Download,
  maxByteLength: number,
  url: string,
  options: RequestOptions,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  while (download.rest.byteLength === 0) {
    const piece = await abortable(beforeStall(download.reader.read(), url, options), signal);
    // The memory of what was there before is gone by now.
    download.rest = piece ?? new Uint8Array();
    if (!piece) return undefined;
  }
  const piece = download.rest.subarray(0, maxByteLength);
  download.byteOffset += piece.byteLength;
  download.rest = download.rest.subarray(piece.byteLength);
  return piece;
}
