/** Audio files over HTTP, in Node and in browsers. */
import { UniSpeechError } from '../base/errors.ts';
import { shownLocation } from '../base/shown-location.ts';
import type { ByteStream, RandomBytes } from '../base/sound-stream.ts';
import { downloadBlocks, openRanges } from '../files/http-whole.ts';
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
 * The file at a URL of `http:`, `https:`, `data:` or `blob:`, whose bytes come as they are read. Browsers resolve it relative to the page.
 * @param unreachableFix what may help if the server does not answer.
 */
export const httpAudio = (
  url: string,
  signal: AbortSignal | undefined,
  unreachableFix: string,
): ByteStream => ({
  blocks: fetchAudio(url, signal, unreachableFix),
  openRandom: () => openAnywhere(url, signal, unreachableFix),
});

type FetchOptions = Pick<RequestOptions, 'retryDelayMs' | 'stallTimeoutMs'>;

/**
 * The bytes of such a file from its start on.
 * @throws UniSpeechError `not-found` for a 404, a 410 or a web page in place of a file, `bad-input` for another kind of URL, `network` for any other failure; the signal's reason.
 */
export async function* fetchAudio(
  url: string,
  signal: AbortSignal | undefined,
  unreachableFix: string,
  options: FetchOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* downloadBlocks(url, options, missingAudio(url), signal);
  } catch (cause) {
    throw explained(cause, url, signal, unreachableFix);
  }
}

/** Undefined where the server tells no length, or sends no parts. @throws as above. */
async function openAnywhere(
  url: string,
  signal: AbortSignal | undefined,
  unreachableFix: string,
): Promise<RandomBytes | undefined> {
  try {
    const file = await openRanges(url, {}, missingAudio(url), signal);
    if (!file) return undefined;
    return {
      byteLength: file.byteLength,
      read: (offset, byteLength) =>
        file.read(offset, byteLength).catch((cause: unknown) => {
          throw explained(cause, url, signal, unreachableFix);
        }),
      async *from(offset) {
        try {
          yield* file.from(offset);
        } catch (cause) {
          throw explained(cause, url, signal, unreachableFix);
        }
      },
      close: () => file.close(),
    };
  } catch (cause) {
    throw explained(cause, url, signal, unreachableFix);
  }
}

const missingAudio =
  (url: string) =>
  (reason: Missing): UniSpeechError =>
    unreadable(
      shownLocation(url, true),
      `the server answered ${reason === 'html' ? 'with an HTML page' : 404}`,
      'Check the address.',
    );

/** The error for a failure, in the words of audio files. @throws the reason of an aborted signal. */
function explained(
  cause: unknown,
  url: string,
  signal: AbortSignal | undefined,
  unreachableFix: string,
): unknown {
  signal?.throwIfAborted();
  if (!(cause instanceof HttpError)) return cause;
  const location = shownLocation(url, true);
  const failed = (code: 'network' | 'not-found', reason: string, fix = 'Check the address.') =>
    unreadable(location, reason, fix, code, cause);
  const { problem, status, detail, fix } = cause.failure;
  if (status !== undefined) {
    const reason = `the server answered ${status}${detail === undefined ? '' : `: ${detail}`}`;
    return failed(status === 410 ? 'not-found' : 'network', reason, detail && fix);
  }
  const [, scheme] = /^([a-z][a-z\d+.-]*):/i.exec(url) ?? [];
  if (scheme === undefined || /^https?$/i.test(scheme))
    return failed('network', `it ${problem}`, unreachableFix);
  return /^(data|blob)$/i.test(scheme)
    ? failed('not-found', `this ${scheme}: URL has no content`, 'Check that it is whole and was not revoked.')
    : unreadable(
        location,
        `${scheme}: URLs cannot be read`,
        'Use http, https, data or blob.',
        'bad-input',
        cause,
      );
}
