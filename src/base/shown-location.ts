/** How addresses appear in messages: what grants access stays out of them. */

/**
 * A path or URL for messages. A URL loses user, password, query (often a signature or a token) and fragment; a `data:` URL
 * all but its type and length.
 * @param isUrl whether it is a URL also where it names no scheme, as in browsers.
 */
export function shownLocation(location: string | URL, isUrl = false): string {
  const text = String(location);
  const [scheme = ''] = /^[a-z][a-z\d+.-]+:/i.exec(text) ?? [];
  if (scheme.toLowerCase() === 'data:')
    return `${/^[^;,]{0,40}/.exec(text)?.[0] ?? scheme},… (${text.length} characters)`;
  const [, start = '', rest = text] = /^([a-z][a-z\d+.-]+:\/\/)(?:[^/?#\\]*@)?(.*)$/is.exec(text) ?? [];
  return isUrl || start !== '' ? start + rest.replace(/[?#].*/s, '') : text;
}
