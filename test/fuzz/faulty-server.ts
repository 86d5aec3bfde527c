/** A server on 127.0.0.1 whose answers are changed before they are sent: raw sockets, as HTTP libraries refuse to misbehave. */
import net from 'node:net';

export interface FaultyReply {
  readonly statusLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** How the connection ends behind the body. */
  readonly end: 'close' | 'reset' | 'stall';
  /** Nothing is sent at all. */
  readonly isSilent?: boolean;
}

/** What is done to a reply. */
export type ReplyChange = (reply: FaultyReply, path: string) => FaultyReply;

export interface FaultySite {
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Of the n-th request; undefined for a right answer. */
  readonly changeOf: (request: number) => ReplyChange | undefined;
}

export class FaultyServer {
  readonly #sites = new Map<string, FaultySite & { requestCount: number }>();
  #siteCount = 0;
  readonly #port: Promise<number>;

  constructor() {
    const server = net.createServer((socket) => this.#serve(socket));
    server.unref();
    this.#port = new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port));
    });
  }

  /** Hands the address of a folder to `use`. */
  async with<T>(site: FaultySite, use: (url: string) => Promise<T>): Promise<T> {
    const id = String(this.#siteCount++);
    this.#sites.set(id, { ...site, requestCount: 0 });
    try {
      return await use(`http://127.0.0.1:${await this.#port}/${id}/`);
    } finally {
      this.#sites.delete(id);
    }
  }

  #serve(socket: net.Socket): void {
    let request = '';
    // A client that gives up resets the connection.
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (text: string) => {
      request += text;
      if (request.includes('\r\n\r\n')) send(socket, this.#replyTo(request));
    });
  }

  #replyTo(request: string): FaultyReply {
    const [, method = 'GET', id = '', path = ''] = /^(\w+) \/(\d+)\/(\S*)/.exec(request) ?? [];
    const site = this.#sites.get(id);
    const [fileName = ''] = path.split('?');
    const reply = rightReply(site?.files[fileName], /^range: bytes=(\d+)-/im.exec(request)?.[1]);
    if (site === undefined) return reply;
    const changed = site.changeOf(site.requestCount++)?.(reply, fileName) ?? reply;
    return method === 'HEAD' ? { ...changed, body: new Uint8Array() } : changed;
  }
}

function rightReply(file: Uint8Array | undefined, range: string | undefined): FaultyReply {
  const headers = [['Connection', 'close'] as const, ['Content-Type', 'application/octet-stream'] as const];
  const plain = (statusLine: string, body: Uint8Array, more: typeof headers = []): FaultyReply => ({
    statusLine,
    headers: [...headers, ['Content-Length', String(body.length)], ...more],
    body,
    end: 'close',
  });
  if (file === undefined) return plain('HTTP/1.1 404 Not Found', new Uint8Array());
  if (range === undefined) return plain('HTTP/1.1 200 OK', file);
  const start = Number(range);
  if (start >= file.length) return plain('HTTP/1.1 416 Range Not Satisfiable', new Uint8Array());
  const contentRange = `bytes ${start}-${file.length - 1}/${file.length}`;
  const partial = plain('HTTP/1.1 206 Partial Content', file.subarray(start));
  return { ...partial, headers: [...partial.headers, ['Content-Range', contentRange]] };
}

function send(socket: net.Socket, { statusLine, headers, body, end, isSilent = false }: FaultyReply): void {
  const head = [statusLine, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  const finish = (): void => {
    if (end === 'close') socket.end();
    else if (end === 'reset') socket.resetAndDestroy();
  };
  if (isSilent) finish();
  else socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]), finish);
}
