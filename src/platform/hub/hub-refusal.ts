/** What the hub says when it gives no file, each in one sentence with what to do about it. */
import { describeValue, oneLine } from '../../base/errors.ts';
import { HttpError, type HttpFailure, MAX_RETRY_AFTER_MS } from '../../files/http-request.ts';
import type { HubToken } from './hub-settings.ts';

/** A repository of the hub, at a revision. */
export interface HubRepository {
  readonly endpoint: string;
  readonly id: string;
  readonly revision: string;
  readonly token: HubToken | undefined;
}

/** What the hub's header `X-Error-Code` says. */
export const errorCodeOf = (response: Response): string | null => response.headers.get('X-Error-Code');

export const hostOf = ({ endpoint }: HubRepository): string => new URL(endpoint).host;

/** The error for an answer of the hub that says why there are no files; undefined for any other answer, and for a missing file. */
export function refusalOf(response: Response, hub: HubRepository): HttpError | undefined {
  const { status, headers } = response;
  if (![401, 403, 404, 429].includes(status)) return undefined;
  const failure = failureOf(status, errorCodeOf(response), headers, hub);
  return failure && new HttpError(hostOf(hub), { status, ...failure });
}

function failureOf(
  status: number,
  code: string | null,
  headers: Headers,
  { endpoint, id, revision, token }: HubRepository,
): HttpFailure | undefined {
  const final = { code: 'not-found', isFinal: true, detail: code ?? undefined } as const;
  const page = `${endpoint}/${id}`;
  if (status === 429) {
    const seconds = secondsToWait(headers);
    return {
      problem: `answered with status 429: there were too many requests from here${seconds === undefined ? '' : `, and it wants none for ${seconds} s`}`,
      fix: token ? 'Wait, then load it again.' : 'Wait, then load it again; with a token more are allowed.',
      retryAfterMs: seconds === undefined ? undefined : 1000 * seconds,
      isFinal: seconds !== undefined && 1000 * seconds > MAX_RETRY_AFTER_MS,
    };
  }
  if (code === 'RevisionNotFound')
    return {
      ...final,
      problem: `has no revision ${describeValue(revision)} of ${id}`,
      fix: `Choose a branch, tag or commit of ${page}.`,
    };
  if (code === 'GatedRepo')
    return {
      ...final,
      problem: token
        ? `gives ${id} only to those who have accepted its terms, and the account of the token from ${token.source} has not`
        : `gives ${id} only to those who have accepted its terms, and no token says who asks`,
      fix: `Accept them at ${page}${token ? '.' : ', then give a token of that account in the option token or in HF_TOKEN.'}`,
    };
  const said = headers.get('X-Error-Message') ?? '';
  if (token && status === 401 && (code === null || /invalid credentials/i.test(said)))
    return {
      ...final,
      problem: `does not accept the token from ${token.source}`,
      fix: 'Make a new one in the settings of the account, or pass token: false for a public model.',
    };
  if (code === 'RepoNotFound' || status === 401)
    return {
      ...final,
      problem: `has no model ${id}, or a private one${token ? ` that the token from ${token.source} may not read` : ''}`,
      fix: `There is no folder ${id} either; a private model needs a token that may read it, in the option token or in HF_TOKEN.`,
    };
  if (status === 403)
    return {
      ...final,
      problem: `forbids access to ${id}${said === '' ? '' : ` (${oneLine(said, 120)})`}`,
      fix: `Look at ${page} with the account of the token.`,
    };
  return undefined;
}

/** `Retry-After` in seconds, or when the limit is lifted (the draft standard for `RateLimit`). */
function secondsToWait(headers: Headers): number | undefined {
  const [, reset] = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers.get('RateLimit') ?? '') ?? [];
  const text = headers.get('Retry-After') ?? reset ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
