/** What one request leaves behind: its id, and the facts for its log line and the metrics. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import { randomId } from './random-id.ts';

export class RequestRecord {
  readonly id: string;
  readonly startMilliseconds = performance.now();
  /** The pattern of the route, never what the client wrote. */
  route = 'other';
  model: string | undefined;
  format: string | undefined;
  fileName: string | undefined;
  audioSeconds: number | undefined;
  uploadBytes: number | undefined;
  errorCode: string | undefined;
  /** Of an error that is not the client's fault; only the log shows it. */
  cause: unknown;
  readonly #left = new AbortController();

  constructor(
    readonly incoming: IncomingMessage,
    readonly outgoing: ServerResponse,
  ) {
    this.id = requestId(incoming.headers['x-request-id']);
    outgoing.once('close', () => {
      if (outgoing.writableFinished) return;
      this.errorCode ??= 'client_closed_request';
      this.#left.abort(new ApiError('client_closed_request', 'The client closed the connection.'));
    });
  }

  /** Aborts when the client leaves before its answer is complete. */
  get signal(): AbortSignal {
    return this.#left.signal;
  }

  /** Ends the connection in the middle of an answer that cannot become right any more. */
  breakOff(error: ApiError): void {
    this.errorCode = error.code;
    this.outgoing.destroy();
  }
}

/** The client's own, if it may stand in a header and a log, else a new one. */
export const requestId = (given: string | readonly string[] | undefined): string =>
  typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : randomId('req_');
