/** Interprets locations in Node: a path, a `file:` URL, or another kind of URL. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UniSpeechError } from '../base/errors.ts';
import { shownLocation } from '../base/shown-location.ts';

/** The scheme of a URL, in lower case; undefined for a path. An existing file or folder with a colon in its name is a path. */
export function schemeOf(location: string): string | undefined {
  // A single letter is a Windows drive. A URL may have leading white space, for example from a line of a file.
  const [, scheme] = /^\s*([a-z][a-z\d+.-]+):/i.exec(location) ?? [];
  if (scheme === undefined) return undefined;
  const isUrl = /^(https?|file|data|blob)$/i.test(scheme) || !existsSync(location);
  return isUrl ? scheme.toLowerCase() : undefined;
}

/**
 * The path of a `file:` URL.
 * @throws UniSpeechError with this code if the URL has no path here: a host before the path, a stray `%`.
 */
export function fileUrlPath(url: string, code: 'bad-option' | 'bad-input'): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new UniSpeechError(
      code,
      `${shownLocation(url)} is not a file: URL of this machine.`,
      'Write it as file:///folder/name with other characters as in encodeURI(), or give a path.',
      { cause },
    );
  }
}
