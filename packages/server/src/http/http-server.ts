/** The HTTP server around the app: what Node decides before a request is one, times, and errors that are JSON from the parser on. */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { checkAccess, corsHeaders } from './access.ts';
import { ApiError } from './api-error.ts';
import { errorResponse, makeApp } from './app.ts';
import type { Front } from './front.ts';
import { randomId } from './random-id.ts';
import { RequestRecord } from './request-record.ts';
import { hasRest, restDropped } from './rest-of-body.ts';

const HEADERS_TIMEOUT_MILLISECONDS = 60_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** Does not listen yet. */
export function makeHttpServer(front: Front): Server {
  const app = makeApp(front);
  const records = new WeakMap<IncomingMessage, RequestRecord>();
  const answer = getRequestListener(
    (request, { incoming }) => {
      // The server is one of HTTP/1.1: both are of node:http.
      const record = records.get(incoming as IncomingMessage);
      if (!record) throw new Error('A request came past the server.');
      return (
        refused(front, record) ??
        app.fetch(request, { incoming: record.incoming, outgoing: record.outgoing, record })
      );
    },
    {
      overrideGlobalObjects: false,
      autoCleanupIncoming: false,
      // A request without Host is checked as any other.
      hostname: 'localhost',
      errorHandler: () => badRequest(),
    },
  );
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const record = new RequestRecord(incoming, outgoing);
    records.set(incoming, record);
    prepare(front, record);
    void answer(incoming, outgoing);
  };
  const server = createServer(
    {
      keepAliveTimeout: front.settings.keepAliveTimeoutMilliseconds,
      // Large uploads over slow lines take long; a client that stalls is noticed by itself.
      requestTimeout: 0,
      headersTimeout: HEADERS_TIMEOUT_MILLISECONDS,
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: false,
    },
    listener,
  );
  // Whoever waits for `100 Continue` sends nothing until the body is wanted.
  server.on('checkContinue', listener);
  server.on('checkExpectation', listener);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerParserError(front, error, socket));
  return server;
}

/** Headers of every answer, and what happens at its end. */
function prepare({ settings, log, metrics, draining }: Front, record: RequestRecord): void {
  const { incoming, outgoing } = record;
  outgoing.setHeader('x-request-id', record.id);
  outgoing.setHeader('x-content-type-options', 'nosniff');
  for (const [name, value] of Object.entries(corsHeaders(incoming.headers, settings)))
    outgoing.setHeader(name, value);
  if (draining.isDraining) outgoing.setHeader('connection', 'close');
  outgoing.once(
    'finish',
    () => void restDropped(incoming).then(() => hasRest(incoming) && incoming.destroy()),
  );
  outgoing.once('close', () => {
    // A refusal may be complete for the client, which leaves before the rest of its body was dropped.
    const status = record.errorCode === 'client_closed_request' ? 499 : outgoing.statusCode;
    if (record.errorCode !== undefined && status !== 499) metrics.countRejected(record.errorCode);
    metrics.countRequest(record.route, status, (performance.now() - record.startMilliseconds) / 1000);
    log.request(record, status);
  });
}

/** The answer to a request that may not come in at all. */
function refused({ settings }: Front, record: RequestRecord): Response | undefined {
  const { incoming } = record;
  const path = (incoming.url ?? '').replace(/[?#].*$/s, '');
  try {
    if (incoming.headers.expect !== undefined && incoming.headers.expect.toLowerCase() !== '100-continue')
      throw new ApiError('invalid_value', 'The header Expect is unknown, expected "100-continue".', {
        param: 'expect',
      });
    const isPreflight = incoming.method === 'OPTIONS' && incoming.headers.origin !== undefined;
    // A browser sends no key with the question whether it may send one.
    checkAccess(incoming.headers, isPreflight ? '/' : path, settings);
    return undefined;
  } catch (error) {
    return errorResponse(error, record);
  }
}

const badRequest = (): Response => {
  const error = new ApiError('malformed_request', 'The request line or the header Host is no valid address.');
  return Response.json(error.body, { status: error.status });
};

/** Node's codes for what is no request. */
const PARSER_ERRORS: Readonly<Record<string, ApiError>> = {
  HPE_HEADER_OVERFLOW: new ApiError(
    'headers_too_large',
    `The headers have more than ${MAX_HEADER_BYTES} bytes.`,
  ),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new ApiError(
    'malformed_request',
    'The chunks of the body have too long extensions.',
  ),
  ERR_HTTP_REQUEST_TIMEOUT: new ApiError(
    'upload_stalled',
    `The headers took longer than ${HEADERS_TIMEOUT_MILLISECONDS / 1000} s.`,
  ),
};
const NO_REQUEST = new ApiError('malformed_request', 'What came is no HTTP request.');

function answerParserError({ log, metrics }: Front, cause: NodeJS.ErrnoException, socket: Duplex): void {
  const error = PARSER_ERRORS[cause.code ?? ''] ?? NO_REQUEST;
  metrics.countRejected(error.code);
  if (cause.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const id = randomId('req_');
  const body = JSON.stringify(error.body);
  log.event('request', { id, route: 'other', status: error.status, code: error.code });
  socket.end(
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${id}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
