/** Parts of the code that bundlers make chunks of, loaded when they are needed. The build that is one file holds them, and not this. */
import { messageOf } from './checks.ts';
import { UniSpeechError } from './errors.ts';

/**
 * The build of one file recognises calls by their form, that of `src/platform/browser.ts`.
 * @param part a dynamic import of a file of this package.
 * @param purpose what its code does, for the error.
 * @throws UniSpeechError `network` where the file is out of reach: offline, or gone since the page was opened.
 */
export async function loadPart<T>(part: Promise<T>, purpose: string): Promise<T> {
  try {
    return await part;
  } catch (cause) {
    throw new UniSpeechError(
      'network',
      `The code that ${purpose} could not be loaded: ${messageOf(cause)}.`,
      'Check the connection and reload the page: the site may have a newer version of it.',
      { cause },
    );
  }
}
