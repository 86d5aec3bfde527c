/** A web site on localhost made of files of this repository and pages given as text, for browser tests. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wav': 'audio/wav',
  '.flac': 'audio/flac',
  '.ogg': 'audio/ogg',
  '.svg': 'image/svg+xml',
};

export interface Page {
  readonly body: string | Uint8Array;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SiteOptions {
  /** URL path → page or file content. Looked at first. */
  readonly pages?: Readonly<Record<string, Page>>;
  /** URL prefix (with a slash at its end) → folder. Default: the repository at `/`. */
  readonly folders?: Readonly<Record<string, string>>;
  /** Answers a request itself and returns true, or leaves it to the site. */
  readonly respond?: (request: http.IncomingMessage, response: http.ServerResponse) => boolean;
  /** Sent with every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Site {
  /** Without a slash at its end. */
  readonly url: string;
  /** Method and path of every request so far, with its range: `GET /x bytes=0-`. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** What is sent for a path: content in memory, or a file that is streamed. */
interface Found {
  readonly page?: Page;
  readonly file?: string;
  readonly byteLength: number;
  readonly etag: string;
}

/** Serves with byte ranges and strong etags; `localhost`, so that pages are secure contexts. */
export async function serveSite(options: SiteOptions = {}): Promise<Site> {
  const { pages = {}, folders = { '/': ROOT }, respond, headers = {} } = options;
  const requests: string[] = [];
  const find = async (urlPath: string): Promise<Found | undefined> => {
    const page = pages[urlPath];
    if (page) {
      const byteLength = Buffer.byteLength(page.body);
      return { page, byteLength, etag: `"${byteLength.toString(16)}"` };
    }
    const [prefix, folder] =
      Object.entries(folders)
        .filter(([start]) => urlPath.startsWith(start))
        .sort(([a], [b]) => b.length - a.length)[0] ?? [];
    if (prefix === undefined || folder === undefined || urlPath.includes('..')) return undefined;
    const inFolder = path.join(folder, decodeURIComponent(urlPath.slice(prefix.length)));
    const file = urlPath.endsWith('/') ? path.join(inFolder, 'index.html') : inFolder;
    const stats = await stat(file).catch(() => undefined);
    if (!stats?.isFile()) return undefined;
    return {
      file,
      byteLength: stats.size,
      etag: `"${stats.size.toString(16)}-${stats.mtimeMs.toString(16)}"`,
    };
  };
  const server = http.createServer((request, response) => {
    const urlPath = (request.url ?? '/').split('?')[0] ?? '/';
    requests.push(`${request.method ?? 'GET'} ${urlPath} ${request.headers.range ?? ''}`.trim());
    if (respond?.(request, response)) return;
    void find(urlPath).then((found) => {
      if (!found) {
        response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
        return;
      }
      const { page, file, byteLength, etag } = found;
      const extension = urlPath.endsWith('/') ? '.html' : path.extname(urlPath);
      const common = {
        'Content-Type': page?.type ?? TYPES[extension] ?? 'application/octet-stream',
        'Accept-Ranges': 'bytes',
        ETag: etag,
        'Cache-Control': 'no-store',
        ...headers,
        ...page?.headers,
      };
      const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
      const start = Number(range?.[1] ?? 0);
      const end = Math.min(range?.[2] ? Number(range[2]) + 1 : byteLength, byteLength);
      if (range && start >= byteLength) {
        response.writeHead(416, { ...common, 'Content-Range': `bytes */${byteLength}` }).end();
        return;
      }
      const contentRange = range && { 'Content-Range': `bytes ${start}-${end - 1}/${byteLength}` };
      response.writeHead(range ? 206 : 200, { ...common, 'Content-Length': end - start, ...contentRange });
      if (request.method === 'HEAD' || end === start) response.end();
      else if (page) response.end(Buffer.from(page.body).subarray(start, end));
      else if (file !== undefined) {
        const stream = createReadStream(file, { start, end: end - 1 });
        // A page that goes away, or a file that does, ends the answer; nobody is left to be told.
        stream.on('error', () => response.destroy());
        response.on('close', () => stream.destroy());
        stream.pipe(response);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
