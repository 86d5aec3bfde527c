/** One HTTP response whose body is read bit by bit, from a given byte of the file on. */
import { hexOf } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import { BodyReader } from './body-reader.ts';

/** The body of a response, and where in the file its next byte lies. */
export interface Download {
  readonly reader: BodyReader;
  /** Whether the server obeyed `Range`; without it every request starts at the file's first byte. */
  readonly ranged: boolean;
  /** Bytes that have come in and were not consumed yet. */
  rest: Uint8Array;
  byteOffset: number;
}

export interface StartedDownload {
  /** Undefined for an empty file, or where only the head was asked for. */
  readonly download?: Download;
  /** Of the whole file. */
  readonly byteLength: number;
  /** Changes with the file's content (ETag, else Last-Modified); null where the server sends neither. */
  readonly etag: string | null;
  /** Of the whole file, in lower-case hexadecimal digits, where the server gives it. */
  readonly sha256?: string | undefined;
}

/** Why there is no such file: the server says so, or it sends its start page for everything that it does not have. */
export type Missing = 'not-found' | 'html';

export interface FetchOptions {
  readonly fetchFile: typeof fetch;
  /** What to do about a model that is not where it was looked for. */
  readonly missingFix?: string | undefined;
}

export function networkError(url: string, problem: string, cause?: unknown): UniSpeechError {
  return new UniSpeechError(
    'network',
    `${url} ${problem}.`,
    'Check the URL and the connection, then try again.',
    {
      cause,
    },
  );
}

/**
 * Like `fetch`, but whatever is not the file is an error of the engine, or says why the file is missing.
 * @throws UniSpeechError `network`, or `not-found` where the server lets nobody in.
 */
export async function fetchFile(
  url: string,
  { fetchFile: send, missingFix }: FetchOptions,
  init: RequestInit,
): Promise<Response | Missing> {
  let response: Response;
  try {
    response = await send(url, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw networkError(url, 'could not be reached', cause);
  }
  const { status, statusText, headers } = response;
  const isHtml = response.ok && headers.get('Content-Type')?.startsWith('text/html') === true;
  if ((response.ok && !isHtml) || status === 416) return response;
  discardBody(response);
  if (isHtml) return 'html';
  if (status === 404) return 'not-found';
  if (status === 401 || status === 403) {
    throw new UniSpeechError(
      'not-found',
      `${url} answered with status ${status}: the model is private, gated or not there.`,
      missingFix ?? 'Check its address, or download it and serve it from your own site.',
    );
  }
  throw networkError(url, `answered with status ${status} ${statusText}`.trimEnd());
}

/**
 * Asks for a file from `byteOffset` to its end. A server without ranges answers with the whole file: then the
 * download begins at 0.
 * @param method `HEAD` asks for everything but the content.
 * @throws UniSpeechError `network`, `not-found`.
 */
export async function startDownload(
  url: string,
  byteOffset: number,
  options: FetchOptions,
  signal: AbortSignal | undefined,
  method: 'GET' | 'HEAD' = 'GET',
): Promise<StartedDownload | Missing> {
  const response = await fetchFile(url, options, {
    method,
    // Servers of single-page applications send their page to those who accept anything.
    headers: { Accept: 'application/octet-stream', Range: `bytes=${byteOffset}-` },
    ...(signal && { signal }),
  });
  if (typeof response === 'string') return response;
  try {
    return describeResponse(url, byteOffset, response, method);
  } catch (error) {
    discardBody(response);
    throw error;
  }
}

/** Lets the connection go; a body that has failed already rejects, which is of no interest here. */
function discardBody(response: Response): void {
  response.body?.cancel().catch(() => undefined);
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
  const ranged = status === 206;
  if (status !== 200 && !ranged) throw networkError(url, `answered with status ${status}`);
  const start = ranged ? byteOffset : 0;
  const about = { byteLength: fileByteLength(url, start, headers), etag, sha256: sha256Of(headers, start) };
  if (method === 'HEAD') return about;
  if (body) {
    const reader = new BodyReader(body);
    return { ...about, download: { reader, ranged, rest: new Uint8Array(), byteOffset: start } };
  }
  if (about.byteLength === start) return about;
  throw networkError(url, `answered without a body, expected ${about.byteLength} bytes`);
}

/** What changes with a file's content; pages of another origin may always see Last-Modified. */
export const tagOf = (headers: Headers): string | null => headers.get('ETag') ?? headers.get('Last-Modified');

/** From Content-Range, or from Content-Length, which pages of another origin may always see. */
function fileByteLength(url: string, start: number, headers: Headers): number {
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('Content-Range') ?? '');
  if (range && Number(range[1]) !== start) {
    throw networkError(url, `sent bytes from ${String(range[1])} on, expected them from ${start} on`);
  }
  if (range) return Number(range[2]);
  const length = headers.get('Content-Length');
  const encoding = headers.get('Content-Encoding') ?? 'identity';
  if (length === null || encoding !== 'identity') {
    throw networkError(url, 'does not say how long the file is (no Content-Range, no plain Content-Length)');
  }
  return start + Number(length);
}

/**
 * RFC 9530 and RFC 3230 have headers for the digest. Stores of large files often give it as the tag; of Hugging Face's two
 * tags a page sees the one of the store behind its redirect, unless a proxy hands on the linked one.
 */
function sha256Of(headers: Headers, start: number): string | undefined {
  const tag = headers.get('X-Linked-ETag') ?? headers.get('ETag') ?? '';
  const [, linked] = /^"?([\da-f]{64})"?$/i.exec(tag) ?? [];
  if (linked !== undefined) return linked.toLowerCase();
  // The content of an answer is the file only where the answer begins with the file.
  const names = start === 0 ? ['Repr-Digest', 'Digest', 'Content-Digest'] : ['Repr-Digest', 'Digest'];
  const digests = names.map((name) => headers.get(name) ?? '').join();
  const [, base64] = /\bsha-256=:?([\w+/]{43}=)/i.exec(digests) ?? [];
  if (base64 === undefined) return undefined;
  return hexOf(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))).join('');
}

/** Takes up to `byteLength` bytes, in pieces; returns early where the body ends. */
export async function consume(
  download: Download,
  byteLength: number,
  take: (piece: Uint8Array) => void,
): Promise<void> {
  for (let left = byteLength; left > 0;) {
    if (download.rest.byteLength === 0) {
      const piece = await download.reader.read();
      if (!piece) return;
      download.rest = piece;
    }
    const piece = download.rest.subarray(0, left);
    take(piece);
    left -= piece.byteLength;
    download.byteOffset += piece.byteLength;
    download.rest = download.rest.subarray(piece.byteLength);
  }
}
