/** Audio files over HTTP, in Node and in browsers. */
import { UniSpeechError } from '../base/errors.ts';
import { shownLocation } from '../base/shown-location.ts';
import { downloadBlocks } from '../files/http-whole.ts';
import { HttpError, type Missing, type RequestOptions } from '../files/http-request.ts';

/** The error for an audio file that cannot be read completely. */
export const unreadable = (
  location: string,
  reason: string,
  fix: string | undefined,
  code: 'bad-input' | 'network' | 'not-found' = 'not-found',
  cause?: unknown,
): UniSpeechError =>
  new UniSpeechError(code, `The audio file ${location} could not be read: ${reason}.`, fix, { cause });

/**
 * The bytes at a URL of `http:`, `https:`, `data:` or `blob:` as they come. Browsers resolve it relative to the page.
 * @param unreachableFix what may help if the server does not answer.
 * @throws UniSpeechError `not-found` for a 404, a 410 or a web page in place of a file, `bad-input` for another kind of URL, `network` for any other failure; the signal's reason.
 */
export async function* fetchAudio(
  url: string,
  signal: AbortSignal | undefined,
  unreachableFix: string,
  options: Pick<RequestOptions, 'retryDelayMs' | 'stallTimeoutMs'> = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const location = shownLocation(url, true);
  const failed = (
    code: 'network' | 'not-found',
    reason: string,
    fix = 'Check the address.',
    cause?: unknown,
  ) => unreadable(location, reason, fix, code, cause);
  try {
    const missing = (reason: Missing) =>
      failed('not-found', `the server answered ${reason === 'html' ? 'with an HTML page' : 404}`);
    yield* downloadBlocks(url, options, missing, signal);
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
