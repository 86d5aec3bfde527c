/** Parts of the code that are chunks of their own, loaded when they are needed. Builds of one file hold them, and not this. */
import { messageOf } from './checks.ts';
import { UniSpeechError } from './errors.ts';

/**
 * Builds of one file recognise calls by their form, that of `src/platform/later-audio.ts`.
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
