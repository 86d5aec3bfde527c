/** Formats addresses for messages, without anything that grants access. */

/** Like URL parsers, ignores leading white space, and accepts any number of slashes after `http:` and similar schemes. */
const URL_START = /^(\s*(?:(?:https?|wss?|ftp):[/\\]*|[a-z][a-z\d+.-]+:\/\/))(.*)$/is;

/**
 * A path or URL for messages. A URL loses user, password, query (often a signature or a token) and fragment. Of a `data:` URL
 * only type and length remain.
 * @param isUrl whether a text without a scheme is a URL, too, as in browsers.
 */
export function shownLocation(location: string | URL, isUrl = false): string {
  const text = String(location);
  const [scheme = ''] = /^[a-z][a-z\d+.-]+:/i.exec(text.trimStart()) ?? [];
  if (scheme.toLowerCase() === 'data:')
    return `${/^[^;,]{0,40}/.exec(text)?.[0] ?? scheme},… (${text.length} characters)`;
  const [, start = '', rest = text] = URL_START.exec(text) ?? [];
  if (!isUrl && start === '') return text;
  // The user ends at the last @ before the path. In an invalid URL, a password may contain the characters that begin a path.
  const user = URL.canParse(text) ? /^[^/?#\\]*@/ : /^.*@/s;
  return start.trimStart() + (start === '' ? rest : rest.replace(user, '')).replace(/[?#].*/s, '');
}
