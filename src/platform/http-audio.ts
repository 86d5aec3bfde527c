/** Audio files over HTTP, in Node and in browsers. */
import { UniSpeechError } from '../base/errors.ts';
import { shownLocation } from '../base/shown-location.ts';
import { downloadWhole } from '../files/http-whole.ts';
import { HttpError, type RequestOptions } from '../files/http-request.ts';

/** Most machines lack the memory to decode larger files, and Node and browsers have limits near this one. */
export const MAX_AUDIO_BYTE_LENGTH = 2 ** 31 - 1;

/** The error for an audio file that cannot be read completely. */
export const unreadable = (
  location: string,
  reason: string,
  fix: string | undefined,
  code: 'bad-audio' | 'bad-input' | 'network' | 'not-found' = 'not-found',
  cause?: unknown,
): UniSpeechError =>
  new UniSpeechError(code, `The audio file ${location} could not be read: ${reason}.`, fix, { cause });

/** @param found length in bytes; undefined if the end was not reached. */
export const tooLarge = (location: string, maxByteLength: number, found?: number): UniSpeechError =>
  unreadable(
    location,
    found === undefined
      ? `it has more than ${maxByteLength} bytes, the most that can be read`
      : `it has ${found} bytes, but at most ${maxByteLength} can be read`,
    'Cut it into parts, or store it as FLAC or Opus.',
    'bad-audio',
  );

/**
 * Fetches the bytes at a URL of `http:`, `https:`, `data:` or `blob:`. Browsers resolve it relative to the page.
 * @param unreachableFix what may help if the server does not answer.
 * @throws UniSpeechError `not-found` for a 404, a 410 or a web page in place of a file, `bad-audio` if the file is too large,
 * `bad-input` for another kind of URL, `network` for any other failure; the signal's reason.
 */
export async function fetchAudio(
  url: string,
  signal: AbortSignal | undefined,
  unreachableFix: string,
  options: Pick<RequestOptions, 'retryDelayMs' | 'stallTimeoutMs'> & { readonly maxByteLength?: number } = {},
): Promise<Uint8Array> {
  const { maxByteLength = MAX_AUDIO_BYTE_LENGTH, ...requestOptions } = options;
  const location = shownLocation(url, true);
  const failed = (
    code: 'network' | 'not-found',
    reason: string,
    fix = 'Check the address.',
    cause?: unknown,
  ) => unreadable(location, reason, fix, code, cause);
  try {
    const tooLong = (found?: number) => tooLarge(location, maxByteLength, found);
    const whole = await downloadWhole(url, requestOptions, maxByteLength, tooLong, signal);
    if (typeof whole === 'object') return whole.bytes;
    throw failed('not-found', `the server answered ${whole === 'html' ? 'with an HTML page' : 404}`);
  } catch (cause) {
    signal?.throwIfAborted();
    if (!(cause instanceof HttpError)) throw cause;
    const { problem, status, detail, fix } = cause.failure;
    if (status !== undefined) {
      const reason = `the server answered ${status}${detail === undefined ? '' : `: ${detail}`}`;
      throw failed(status === 410 ? 'not-found' : 'network', reason, detail && fix, cause);
    }
    const [, scheme] = /^([a-z][a-z\d+.-]*):/i.exec(url) ?? [];
    if (scheme === undefined || /^https?$/i.test(scheme)) {
      throw failed('network', `it ${problem}`, unreachableFix, cause);
    }
    throw /^(data|blob)$/i.test(scheme)
      ? failed(
          'not-found',
          `this ${scheme}: URL has no content`,
          'Check that it is whole and was not revoked.',
          cause,
        )
      : unreadable(
          location,
          `${scheme}: URLs cannot be read`,
          'Use http, https, data or blob.',
          'bad-input',
          cause,
        );
  }
}
