/** What a location means in Node: a path, a `file:` URL, or a URL of another kind. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UniSpeechError } from '../base/errors.ts';
import { shownLocation } from '../base/shown-location.ts';

/** The scheme of a URL, in lower case; undefined for a path, also for one with a colon where there is such a file or folder. */
export function schemeOf(location: string): string | undefined {
  // A single letter is a drive of Windows. URLs may have white space in front, as of a line of a file.
  const [, scheme] = /^\s*([a-z][a-z\d+.-]+):/i.exec(location) ?? [];
  if (scheme === undefined) return undefined;
  const isUrl = /^(https?|file|data|blob)$/i.test(scheme) || !existsSync(location);
  return isUrl ? scheme.toLowerCase() : undefined;
}

/**
 * The path that a `file:` URL means.
 * @throws UniSpeechError with this code for one that means none: a host in front of the path, a stray `%`.
 */
export function fileUrlPath(url: string, code: 'bad-option' | 'bad-input'): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new UniSpeechError(
      code,
      `${shownLocation(url)} is no file: URL of this machine.`,
      'Write it as file:///folder/name with other characters as in encodeURI(), or give a path.',
      { cause },
    );
  }
}
