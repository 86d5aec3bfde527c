/** Who may ask: the key, the name of the host, and the page that a browser's request comes from. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './api-error.ts';
import type { FrontSettings } from './front-settings.ts';

/** Names of this machine, in `Host` and on the command line. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]', '::1'];

export const isLoopback = (host: string): boolean => LOOPBACK.includes(host.toLowerCase());

/** Of probes, which have no key, and of the page, which holds nothing and asks for one. */
const OPEN_PATHS = ['/health', '/ready', '/', '/page.js', '/page.css'];

export type AccessRules = Pick<FrontSettings, 'host' | 'apiKeys' | 'isInsecure' | 'corsOrigins'>;

/**
 * Without a key only this machine may connect, and pages of the web must not reach the server through a name of theirs that points
 * to this machine (DNS rebinding), so `Host` has to be a name of this machine. A browser names the page that asks in `Origin`, and
 * sends a form even where the page may not read the answer: other pages are refused unless they are listed.
 * @throws ApiError
 */
export function checkAccess(headers: IncomingHttpHeaders, path: string, rules: AccessRules): void {
  if (rules.apiKeys.length === 0 && isLoopback(rules.host)) checkHost(headers.host);
  checkOrigin(headers, rules);
  if (rules.apiKeys.length > 0 && !OPEN_PATHS.includes(path)) checkKey(headers.authorization, rules.apiKeys);
}

function checkHost(host: string | undefined): void {
  if (host !== undefined && isLoopback(host.toLowerCase().replace(/:\d+$/, ''))) return;
  throw new ApiError(
    'host_not_allowed',
    `The request is for the host ${host === undefined ? 'without a name' : JSON.stringify(host.slice(0, 100))}, expected localhost, 127.0.0.1 or [::1]. To serve other machines start the server with --host and --api-key.`,
    { param: 'host' },
  );
}

function checkOrigin({ origin, host }: IncomingHttpHeaders, { corsOrigins }: AccessRules): void {
  if (origin === undefined || corsOrigins.includes(origin)) return;
  if (host !== undefined && [`http://${host}`, `https://${host}`].includes(origin.toLowerCase())) return;
  throw new ApiError(
    'origin_not_allowed',
    `The request comes from a page of ${JSON.stringify(origin.slice(0, 100))}, which this server does not know. Start it with --cors and that origin to allow it.`,
    { param: 'origin' },
  );
}

function checkKey(authorization: string | undefined, keys: readonly string[]): void {
  const [, given] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  // Every key is compared, and digests have one length: the time says nothing about any of them.
  const digest = sha256(given ?? '');
  let isKnown = false;
  for (const key of keys) isKnown = timingSafeEqual(digest, sha256(key)) || isKnown;
  if (given !== undefined && isKnown) return;
  throw new ApiError(
    'invalid_api_key',
    given === undefined
      ? 'The request has no API key. Send it as "Authorization: Bearer KEY".'
      : 'The API key of the request is not one of this server.',
    { param: 'authorization' },
  );
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** For pages of listed origins; others get none, so that their browser keeps the answer from them. */
export function corsHeaders(
  { origin }: IncomingHttpHeaders,
  { corsOrigins }: AccessRules,
): Record<string, string> {
  if (corsOrigins.length === 0) return {};
  const vary = { vary: 'origin' };
  if (origin === undefined || !corsOrigins.includes(origin)) return vary;
  return {
    ...vary,
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'x-request-id, x-unispeech-ignored, retry-after, location',
  };
}

/** The answer to a browser that asks before it sends. Clients of OpenAI send headers of their own. */
export const preflightHeaders = (requested: string | undefined): Record<string, string> => ({
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': /^[\w, -]{1,1000}$/.test(requested ?? '')
    ? (requested ?? '')
    : 'authorization, content-type',
  'access-control-max-age': '600',
});
