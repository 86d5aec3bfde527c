/** Audio files over HTTP, in Node and in browsers. */
import { UniSpeechError } from '../base/errors.ts';
import { shownLocation } from '../base/shown-location.ts';
import { downloadWhole } from '../files/http-whole.ts';
import { HttpError, type RequestOptions } from '../files/http-request.ts';

/** Larger files could not be decoded in the memory of most machines, and Node and browsers have limits near it. */
export const MAX_AUDIO_BYTE_LENGTH = 2 ** 31 - 1;

/** The error for an audio file of which not every byte can be had. */
export const unreadable = (
  location: string,
  reason: string,
  fix: string | undefined,
  code: 'bad-audio' | 'bad-input' | 'network' | 'not-found' = 'not-found',
  cause?: unknown,
): UniSpeechError =>
  new UniSpeechError(code, `The audio file ${location} could not be read: ${reason}.`, fix, { cause });

/** @param found bytes; undefined where it did not end. */
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
 * The bytes at a URL of `http:`, `https:`, `data:` or `blob:`, which browsers take relative to the page.
 * @param unreachableFix what may help where there is no answer at all.
 * @throws UniSpeechError `not-found` for a 404, a 410 or a web page in place of a file, `bad-audio` where it is too large,
 * `bad-input` for a URL of another kind, `network` for any other failure; the signal's reason.
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
          `there is nothing behind this ${scheme}: URL`,
          'Check that it is whole and was not revoked.',
          cause,
        )
      : unreadable(
          location,
          `${scheme}: is no kind of URL that can be read`,
          'Use http, https, data or blob.',
          'bad-input',
          cause,
        );
  }
}
