/** Servers on 127.0.0.1 that answer as a test wants, or serve one file well or badly: for tests of loading over HTTP. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Server {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers every request by `handle`. */
export async function serve(handle: http.RequestListener): Promise<Server> {
  const server = http.createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface FileServer {
  /** Of the folder that holds the file. */
  readonly url: string;
  /** The `Range` header of every request so far ('' for none). */
  readonly ranges: string[];
  close(): Promise<void>;
}

export interface FileServerOptions {
  /** Whether `Range` is obeyed; true when left out. */
  readonly ranged?: boolean;
  /** The byte of the file behind which the n-th request's connection is cut; uncut where undefined. */
  readonly cutAfter?: (request: number) => number | undefined;
  /** Answers a request itself and returns true, or leaves it to the server. */
  readonly respond?: (request: number, response: http.ServerResponse) => boolean;
}

/** Serves `content` as `/folder/model.bin`. */
export async function serveFile(content: Uint8Array, options: FileServerOptions = {}): Promise<FileServer> {
  const { ranged = true, cutAfter, respond } = options;
  const ranges: string[] = [];
  const server = await serve((request, response) => {
    const { range = '' } = request.headers;
    const requestNumber = ranges.push(range) - 1;
    if (respond?.(requestNumber, response)) return;
    if (request.url?.split('?')[0] !== '/folder/model.bin') {
      response.writeHead(404).end('not here');
      return;
    }
    const start = ranged ? Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0) : 0;
    if (ranged && range !== '' && start >= content.byteLength) {
      response.writeHead(416, { 'Content-Range': `bytes */${content.byteLength}` }).end();
      return;
    }
    const contentRange = `bytes ${start}-${content.byteLength - 1}/${content.byteLength}`;
    response.writeHead(ranged && range !== '' ? 206 : 200, {
      'Content-Length': content.byteLength - start,
      ...(ranged && range !== '' && { 'Content-Range': contentRange }),
    });
    const end = cutAfter?.(requestNumber);
    if (end === undefined) response.end(content.subarray(start));
    else response.write(content.subarray(start, Math.max(start, end)), () => response.destroy());
  });
  return { ...server, url: `${server.url}/folder`, ranges };
}
