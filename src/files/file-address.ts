/** Splits a URL into its parts: user and password, a signature in its query, and the name of a file in the cache. */

/** Query parameters that grant access. */
const SECRETS =
  /^(x-(amz|goog)-.+|signature|sig|(\w+[_-])?token|jwt|hmac|key-pair-id|awsaccesskeyid|googleaccessid)$/i;
/** Those that belong to a signature where there is one (CloudFront, Azure, Google), and may mean anything else elsewhere. */
const BESIDE_SECRETS = /^(expires|exp|policy|s[eiprstv]|srt|spr|sip|sdd|sk(oid|tid|[stev]))$/i;

export interface FileAddress {
  /** Without user and password, which `fetch` refuses, and without a fragment. */
  readonly url: string;
  /** The header that sends them. */
  readonly authorization?: string;
}

export function fileAddress(given: string | URL): FileAddress {
  const url = new URL(given);
  url.hash = '';
  const { username, password } = url;
  if (username === '' && password === '') return { url: url.href };
  url.username = '';
  url.password = '';
  // A URL holds other characters as their bytes in UTF-8, which is what the header wants; a stray % stays.
  const bytes = `${username}:${password}`.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return { url: url.href, authorization: `Basic ${btoa(bytes)}` };
}

/** The same of a model's folder, with a slash at the end of its path. */
export function folderAddress(given: string | URL): FileAddress {
  const url = new URL(given);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return fileAddress(url);
}

/** The URL without a signature in its query: it changes from load to load while the file stays the same. */
export function unsigned(given: string | URL): string {
  const url = new URL(given);
  const names = [...url.searchParams.keys()];
  if (!names.some((name) => SECRETS.test(name))) return url.href;
  for (const name of names) {
    if (SECRETS.test(name) || BESIDE_SECRETS.test(name)) url.searchParams.delete(name);
  }
  return url.href;
}
