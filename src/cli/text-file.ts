/** Text from a file or from standard input. */
import { readFile } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { shownLocation } from '../base/shown-location.ts';

/**
 * @param file a path, or `-`. @returns its text without a byte order mark.
 * @throws UniSpeechError `not-found` if it cannot be read, `bad-input` if it is not UTF-8; the signal's reason.
 */
export async function readTextFile(file: string, signal: AbortSignal): Promise<string> {
  const name = file === '-' ? 'Standard input' : shownLocation(file);
  let bytes: Uint8Array;
  try {
    bytes =
      file === '-' ? await buffer(addAbortSignal(signal, process.stdin)) : await readFile(file, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new UniSpeechError('not-found', `${name} cannot be read: ${messageOf(cause)}.`, undefined, {
      cause,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UniSpeechError('bad-input', `${name} is not text in UTF-8.`, 'Convert it, as with iconv.', {
      cause,
    });
  }
}
