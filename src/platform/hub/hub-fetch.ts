/**
 * Requests to the hub. It answers for a large file with a redirect to a store on another host: what the hub said of the file
 * is put into the store's answer, and the store never gets the token.
 */
import { discardBody, HttpError } from '../../files/http-request.ts';
import { isCommit } from './hub-folder.ts';
import { errorCodeOf, hostOf, refusalOf, type HubRepository } from './hub-refusal.ts';

/** What answers have told so far. */
export interface HubNotes {
  /** The commit of the revision. */
  commit: string | undefined;
  /** URLs of files of which the hub itself said that they are not there. */
  readonly absent: Set<string>;
}

export const emptyNotes = (): HubNotes => ({ commit: undefined, absent: new Set() });

const MAX_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];
/** In place of `fetch`. @throws HttpError for a refusal of the hub. */
export function hubFetch(hub: HubRepository, notes = emptyNotes()): typeof fetch {
  const { origin } = new URL(hub.endpoint);
  return async (input, init = {}) => {
    const asked = input instanceof Request ? input.url : String(input);
    let url = asked;
    let told = new Headers();
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const isHub = new URL(url).origin === origin;
      const headers = new Headers(init.headers);
      if (isHub && hub.token) headers.set('Authorization', `Bearer ${hub.token.text}`);
      const response = await fetch(url, { ...init, headers, redirect: 'manual' });
      if (isHub) {
        told = response.headers;
        const commit = told.get('X-Repo-Commit') ?? '';
        if (isCommit(commit)) notes.commit ??= commit;
        if (errorCodeOf(response) === 'EntryNotFound') notes.absent.add(asked);
        const refusal = refusalOf(response, hub);
        if (refusal) {
          discardBody(response);
          throw refusal;
        }
      }
      const target = REDIRECTS.includes(response.status) ? response.headers.get('Location') : null;
      if (target === null) return described(response, told);
      discardBody(response);
      url = new URL(target, url).href;
      // The store's URL is signed for GET alone.
      if (init.method === 'HEAD' && new URL(url).origin !== origin)
        return described(new Response(null), told);
    }
    throw new HttpError(hostOf(hub), { problem: 'redirects in a circle', isFinal: true });
  };
}

/** Node cancels the body of an answer that is garbage, unless somebody reads it already. */
const sources = new WeakMap<Response, Response>();

/** The answer with the tag that the hub gave: that of the store is another one. */
function described(response: Response, told: Headers): Response {
  if (!response.ok) return response;
  const headers = new Headers(response.headers);
  const size = told.get('X-Linked-Size');
  if (response.body === null && size !== null) headers.set('Content-Length', size);
  const tag = told.get('X-Linked-ETag') ?? told.get('ETag');
  if (tag !== null) headers.set('ETag', tag);
  const linked = told.get('X-Linked-ETag');
  if (linked !== null) headers.set('X-Linked-ETag', linked);
  const answer = new Response(response.body, { status: response.status, headers });
  sources.set(answer, response);
  return answer;
}
