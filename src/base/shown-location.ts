/** How addresses appear in messages: what grants access stays out of them. */

/** As URLs are read: white space in front counts for nothing, and of `http:` and its like any number of slashes does. */
const URL_START = /^(\s*(?:(?:https?|wss?|ftp):[/\\]*|[a-z][a-z\d+.-]+:\/\/))(.*)$/is;

/**
 * A path or URL for messages. A URL loses user, password, query (often a signature or a token) and fragment; a `data:` URL
 * all but its type and length.
 * @param isUrl whether it is a URL also where it names no scheme, as in browsers.
 */
export function shownLocation(location: string | URL, isUrl = false): string {
  const text = String(location);
  const [scheme = ''] = /^[a-z][a-z\d+.-]+:/i.exec(text.trimStart()) ?? [];
  if (scheme.toLowerCase() === 'data:')
    return `${/^[^;,]{0,40}/.exec(text)?.[0] ?? scheme},… (${text.length} characters)`;
  const [, start = '', rest = text] = URL_START.exec(text) ?? [];
  if (!isUrl && start === '') return text;
  // The user ends at the last @ in front of the path. In what is no URL after all a password may hold the marks of a path.
  const user = URL.canParse(text) ? /^[^/?#\\]*@/ : /^.*@/s;
  return start.trimStart() + (start === '' ? rest : rest.replace(user, '')).replace(/[?#].*/s, '');
}
