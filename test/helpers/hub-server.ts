/**
 * A Hugging Face hub on 127.0.0.1 that answers as the real one does: small files by a redirect on the same host, large ones by a
 * redirect to a store on another one, both with what it knows of them in headers. For tests of the cache, and for Python.
 */
import { createHash } from 'node:crypto';
import type http from 'node:http';
import { serve } from './http-server.ts';

/** The token that may read everything; any other that begins with `hf_` is known and may read public models. */
export const GOOD_TOKEN = 'hf_good';

export interface HubModel {
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Names of the files that lie in the store. */
  readonly large?: readonly string[];
  /** Branch, tag or pull request → commit. */
  readonly refs: Readonly<Record<string, string>>;
  readonly access?: 'public' | 'private' | 'gated';
}

export interface HubRequest {
  readonly host: 'hub' | 'store';
  /** Method and path: `GET /owner/name/resolve/main/config.json`. */
  readonly line: string;
  readonly range: string;
  readonly authorization: string | undefined;
}

export interface TestHub {
  /** For `HF_ENDPOINT`. */
  readonly url: string;
  readonly requests: HubRequest[];
  /** `owner/name` → model; may be changed. */
  readonly models: Record<string, HubModel>;
  /** Answers a request itself and returns true, or leaves it to the hub. */
  respond: ((request: HubRequest, response: http.ServerResponse) => boolean) | undefined;
  /** The byte of the file behind which a connection of the store is cut. */
  cutStoreAt: number | undefined;
  close(): Promise<void>;
}

const digestOf = (algorithm: string, ...parts: readonly (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest('hex');

/** The name that git gives to the content of a file. */
export const gitOid = (bytes: Uint8Array): string => digestOf('sha1', `blob ${bytes.byteLength}\0`, bytes);

export const sha256 = (bytes: Uint8Array): string => digestOf('sha256', bytes);

export async function serveHub(models: Record<string, HubModel>): Promise<TestHub> {
  const requests: HubRequest[] = [];
  const stored = new Map<string, Uint8Array>();
  const store = await serve((request, response) => {
    const asked = noted('store', request);
    if (hub.respond?.(asked, response)) return;
    const bytes = stored.get(/^\/(\w+)/.exec(request.url ?? '')?.[1] ?? '');
    if (!bytes || asked.authorization !== undefined || request.method !== 'GET') {
      // As with signed URLs: one with a header of its own, or for another method, is refused.
      response.writeHead(bytes ? 400 : 404).end();
      return;
    }
    sendBytes(bytes, asked.range, response, hub.cutStoreAt);
  });
  const server = await serve((request, response) => {
    const asked = noted('hub', request);
    if (hub.respond?.(asked, response)) return;
    answer(asked, request, response);
  });

  const noted = (
    host: 'hub' | 'store',
    { method = '', url = '', headers }: http.IncomingMessage,
  ): HubRequest => {
    const { range = '', authorization } = headers;
    const asked = { host, line: `${method} ${url.split('?')[0] ?? ''}`, range, authorization };
    requests.push(asked);
    return asked;
  };

  const answer = (asked: HubRequest, request: http.IncomingMessage, response: http.ServerResponse): void => {
    const path = /^\/(?:api\/resolve-cache\/models\/)?([^/]+\/[^/]+)\/(?:resolve\/)?([^/]+)\/([^?]+)/.exec(
      request.url ?? '',
    );
    const [, id = '', revision = '', fileName = ''] = path ?? [];
    const refuse = (
      status: number,
      code: string | undefined,
      headers: http.OutgoingHttpHeaders = {},
    ): void => {
      response.writeHead(status, { ...(code !== undefined && { 'X-Error-Code': code }), ...headers });
      response.end(request.method === 'HEAD' ? undefined : 'no');
    };
    const { authorization } = asked;
    const token = authorization?.replace('Bearer ', '');
    const model = hub.models[id];
    if (token !== undefined && !token.startsWith('hf_')) {
      refuse(401, undefined, { 'X-Error-Message': 'Invalid credentials in Authorization header' });
      return;
    }
    const mayRead = token === GOOD_TOKEN || (model?.access ?? 'public') === 'public';
    if (model?.access === 'gated' && !mayRead) {
      refuse(token === undefined ? 401 : 403, 'GatedRepo');
      return;
    }
    if (!model || !mayRead) {
      refuse(token === undefined ? 401 : 404, 'RepoNotFound');
      return;
    }
    const name = decodeURIComponent(revision);
    const commit = model.refs[name] ?? Object.values(model.refs).find((known) => known === name);
    if (commit === undefined) {
      refuse(404, 'RevisionNotFound');
      return;
    }
    const bytes = model.files[decodeURIComponent(fileName)];
    const about = { 'X-Repo-Commit': commit };
    if (!bytes) {
      refuse(404, 'EntryNotFound', about);
      return;
    }
    if (model.large?.includes(fileName)) {
      const digest = sha256(bytes);
      stored.set(digest, bytes);
      response.writeHead(302, {
        ...about,
        'X-Linked-ETag': `"${digest}"`,
        'X-Linked-Size': bytes.byteLength,
        Location: `${store.url}/${digest}?signature=secret`,
      });
      response.end();
      return;
    }
    if (request.url?.startsWith('/api/') !== true) {
      const target = `/api/resolve-cache/models/${id}/${commit}/${fileName}`;
      response.writeHead(307, { ...about, 'X-Linked-Size': bytes.byteLength, Location: target }).end();
      return;
    }
    const headers = { ...about, ETag: `"${gitOid(bytes)}"` };
    if (request.method === 'HEAD')
      response.writeHead(200, { ...headers, 'Content-Length': bytes.byteLength }).end();
    else sendBytes(bytes, asked.range, response, undefined, headers);
  };

  const hub: TestHub = {
    url: server.url,
    requests,
    models,
    respond: undefined,
    cutStoreAt: undefined,
    close: async () => {
      await server.close();
      await store.close();
    },
  };
  return hub;
}

/** @param range the header of that name. */
export function sendBytes(
  bytes: Uint8Array,
  range: string,
  response: http.ServerResponse,
  cutAt?: number,
  headers: http.OutgoingHttpHeaders = {},
): void {
  const start = Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0);
  if (cutAt !== undefined && start >= cutAt) {
    response.destroy();
    return;
  }
  response.writeHead(range === '' ? 200 : 206, {
    ...headers,
    'Content-Length': bytes.byteLength - start,
    ...(range !== '' && { 'Content-Range': `bytes ${start}-${bytes.byteLength - 1}/${bytes.byteLength}` }),
  });
  if (cutAt === undefined) response.end(bytes.subarray(start));
  else response.write(bytes.subarray(start, cutAt), () => response.destroy());
}
