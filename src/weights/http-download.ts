/** One HTTP response whose body is read bit by bit, from a given byte of the file on. */
import { UniSpeechError } from '../base/errors.ts';

/** The body of a response, and where in the file its next byte lies. */
export interface Download {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  /** Whether the server obeyed `Range`; without it every request starts at the file's first byte. */
  readonly ranged: boolean;
  /** Bytes that have come in and were not consumed yet. */
  rest: Uint8Array;
  byteOffset: number;
}

export interface StartedDownload {
  /** Undefined for an empty file. */
  readonly download: Download | undefined;
  /** Of the whole file. */
  readonly byteLength: number;
  /** Changes with the file's content; null where the server sends none. */
  readonly etag: string | null;
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

/** Like `fetch`, but a failed connection is an error of the engine. */
export async function fetchOrExplain(
  fetchFile: typeof fetch,
  url: string,
  init: RequestInit,
): Promise<Response> {
  try {
    return await fetchFile(url, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw networkError(url, 'could not be reached', cause);
  }
}

/**
 * Asks for a file from `byteOffset` to its end. A server without ranges answers with the whole file: then the
 * download begins at 0. Resolves to undefined for a 404.
 * @throws UniSpeechError `network`.
 */
export async function startDownload(
  url: string,
  byteOffset: number,
  fetchFile: typeof fetch,
  signal: AbortSignal | undefined,
): Promise<StartedDownload | undefined> {
  const init = { headers: { Range: `bytes=${byteOffset}-` }, ...(signal && { signal }) };
  const response = await fetchOrExplain(fetchFile, url, init);
  try {
    return describeResponse(url, byteOffset, response);
  } catch (error) {
    discardBody(response);
    throw error;
  }
}

/** Lets the connection go; a body that has failed already rejects, which is of no interest here. */
function discardBody(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

function describeResponse(url: string, byteOffset: number, response: Response): StartedDownload | undefined {
  const { status, headers } = response;
  const etag = headers.get('ETag');
  // An empty file has no byte 0, so that a range from there cannot be satisfied.
  if (status === 416 && byteOffset === 0) {
    discardBody(response);
    return { download: undefined, byteLength: 0, etag };
  }
  if (status === 404) {
    discardBody(response);
    return undefined;
  }
  if (status !== 200 && status !== 206) {
    throw networkError(url, `answered with status ${status} ${response.statusText}`.trimEnd());
  }
  const ranged = status === 206;
  const start = ranged ? byteOffset : 0;
  const byteLength = fileByteLength(url, start, headers);
  if (!response.body) {
    if (byteLength > start) throw networkError(url, `answered without a body, expected ${byteLength} bytes`);
    return { download: undefined, byteLength, etag };
  }
  const reader = response.body.getReader();
  return { download: { reader, ranged, rest: new Uint8Array(), byteOffset: start }, byteLength, etag };
}

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

/** Takes up to `byteLength` bytes, in pieces; returns early where the body ends. */
export async function consume(
  download: Download,
  byteLength: number,
  take: (piece: Uint8Array) => void,
): Promise<void> {
  for (let left = byteLength; left > 0;) {
    if (download.rest.byteLength === 0) {
      const { done, value } = await download.reader.read();
      if (done) return;
      download.rest = value;
    }
    const piece = download.rest.subarray(0, left);
    take(piece);
    left -= piece.byteLength;
    download.byteOffset += piece.byteLength;
    download.rest = download.rest.subarray(piece.byteLength);
  }
}
