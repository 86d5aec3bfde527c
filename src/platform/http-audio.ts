/** Audio files over HTTP, in Node and in browsers. */
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';

/**
 * The bytes at `url`, which browsers take relative to the page.
 * @param unreachableFix what may help where there is no answer at all.
 * @throws UniSpeechError `not-found` for a 404, a 410 or a web page in place of a file, `network` for any other failure;
 * the signal's reason.
 */
export async function fetchAudio(
  url: string,
  signal: AbortSignal | undefined,
  unreachableFix: string,
): Promise<Uint8Array> {
  const failed = (code: 'network' | 'not-found', reason: string, fix: string, cause?: unknown) =>
    new UniSpeechError(code, `The audio file ${url} could not be read: ${reason}.`, fix, { cause });
  try {
    const response = await fetch(url, { ...(signal && { signal }) });
    const { ok, status, headers } = response;
    // Sites of one page answer with that page for every address.
    const isPage = headers.get('Content-Type')?.startsWith('text/html');
    if (ok && !isPage) return new Uint8Array(await response.arrayBuffer());
    // A body that has failed already is of no interest here.
    void response.body?.cancel().catch(() => undefined);
    const isMissing = ok || status === 404 || status === 410;
    throw failed(
      isMissing ? 'not-found' : 'network',
      ok ? 'the server answered with an HTML page' : `the server answered ${status}`,
      'Check the address.',
    );
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof UniSpeechError) throw cause;
    throw failed('network', messageOf(cause), unreachableFix, cause);
  }
}
