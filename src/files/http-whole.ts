/** A file over HTTP that is read as a whole: texts, and audio. */
import { fileAddress } from './file-address.ts';
import { openDownload } from './http-download.ts';
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
  const address = URL.canParse(url) ? fileAddress(url) : { url };
  const all = { ...options, ...address };
  const started = await openDownload(address.url, all, signal);
  if (typeof started === 'string') return started;
  const source = new HttpSource(address.url, all, started);
  try {
    const { byteLength } = source;
    if (byteLength > maxByteLength && byteLength < Infinity) throw tooLong(byteLength);
    let bytes = new Uint8Array(Math.min(byteLength, FIRST_BYTE_LENGTH));
    let filled = 0;
    for (;;) {
      const piece = await source.next(filled, Infinity, signal);
      if (!piece) break;
      const end = filled + piece.byteLength;
      if (end > maxByteLength) throw tooLong();
      if (end > byteLength)
        throw new HttpError(address.url, {
          problem: `sent more than the ${byteLength} bytes that it announced`,
        });
      if (end > bytes.byteLength) {
        // Of a known length it is enough at once, and no more than that.
        const grown = new Uint8Array(byteLength < Infinity ? byteLength : 2 * end);
        grown.set(bytes.subarray(0, filled));
        bytes = grown;
      }
      bytes.set(piece, filled);
      filled = end;
    }
    return { bytes: bytes.subarray(0, filled), etag: started.etag, sha256: started.sha256 };
  } finally {
    await source.close();
  }
}
