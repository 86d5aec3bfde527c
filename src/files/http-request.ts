/** Requests to servers that stall, break off or are busy: decides what is tried again, and explains refusals. */
import { abortable, whenAborted } from '../base/abortable.ts';
import { type ErrorCode, UniSpeechError } from '../base/errors.ts';
import { shownLocation } from '../base/shown-location.ts';
import { unsigned } from './file-address.ts';

/** In a row: a retry that brings bytes starts the count again. */
export const MAX_RETRIES = 3;
const RETRY_DELAY_MS = 250;
const STALL_TIMEOUT_MS = 30_000;
export const MAX_RETRY_AFTER_MS = 60_000;
/** Longer timers end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Statuses of servers that are busy, restarting, or behind something that is. */
const TRANSIENT_STATUSES = [408, 429, 500, 502, 503, 504];
const UNREACHED = 'could not be reached';

/** Why there is no such file: the server says so, or it sends its start page for everything that it does not have. */
export type Missing = 'not-found' | 'html';

export interface RequestOptions {
  /** The `Accept` header. Servers of single-page applications send their page to those who accept anything. */
  readonly accept?: string;
  /** Whether the first request already asks for a range, so that the answer tells the length of the whole. */
  readonly ranged?: boolean;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  readonly authorization?: string | undefined;
  /** Default 3. */
  readonly retries?: number | undefined;
  /** Before the first retry; it doubles with each further one. Default 250. */
  readonly retryDelayMs?: number | undefined;
  /** A connection that brings no byte for so long counts as dropped. Default 30,000. */
  readonly stallTimeoutMs?: number | undefined;
  /** What to do about a model that is not where it was looked for. */
  readonly missingFix?: string | undefined;
}

export interface HttpFailure {
  /** What is wrong, after the URL as the subject. */
  readonly problem: string;
  readonly code?: ErrorCode;
  readonly fix?: string;
  readonly cause?: unknown;
  /** Of an answer that is no file. */
  readonly status?: number;
  /** What more is known of a refusal. */
  readonly detail?: string | undefined;
  /** Whether another try is of no use. */
  readonly isFinal?: boolean;
  /** How long the server wants to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** What went wrong with a request: for those who try again, or say it in their own words. */
export class HttpError extends UniSpeechError {
  constructor(
    url: string,
    readonly failure: HttpFailure,
  ) {
    const { code = 'network', fix = 'Check the URL and the connection, then try again.', cause } = failure;
    super(code, `${shownLocation(url)} ${failure.problem}.`, fix, { cause });
  }
}

/** In place of `fetch`, for loads that may use only what is stored. @param reason an option or a variable. */
export const requestsRefusedBy =
  (reason: string): typeof fetch =>
  (input) =>
    Promise.reject(
      new HttpError(input instanceof Request ? input.url : String(input), {
        code: 'not-found',
        problem: `is not stored, and ${reason} allows no request`,
        fix: 'Load the model once without that.',
        isFinal: true,
      }),
    );

/** Like `fetch` with one try, but whatever is not the file is an error, or says why the file is missing. */
export async function request(
  url: string,
  options: RequestOptions,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response | Missing> {
  const { fetch: send = fetch, authorization, missingFix } = options;
  const response = await fetchOnce(send, url, options, init, signal);
  const { ok, status, statusText, headers } = response;
  const isHtml = ok && headers.get('Content-Type')?.startsWith('text/html') === true;
  if ((ok && !isHtml) || status === 416) return response;
  discardBody(response);
  if (isHtml) return 'html';
  if (status === 404) return 'not-found';
  const answered = `answered with status ${status}`;
  if (status === 401 || status === 403) {
    const detail = authorization
      ? 'it refuses the token, or the user and password in the URL'
      : unsigned(url) !== url
        ? 'it refuses the signature or token in the query of the URL, which may be too old'
        : undefined;
    throw new HttpError(url, {
      code: 'not-found',
      problem: `${answered}: ${detail ?? 'the model is private, gated or not there'}`,
      fix: detail
        ? 'Check them, or get a new URL.'
        : (missingFix ?? 'Check its address, or download it and serve it from your own site.'),
      status,
      detail,
      isFinal: true,
    });
  }
  throw new HttpError(url, {
    problem: `${answered} ${statusText.slice(0, 60)}`.trimEnd(),
    status,
    isFinal: !TRANSIENT_STATUSES.includes(status),
    retryAfterMs: retryAfterMs(headers),
  });
}

async function fetchOnce(
  send: typeof fetch,
  url: string,
  options: RequestOptions,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  signal?.throwIfAborted();
  // Ends with the answer: a stall of the body, or an abort while it is read, is the reader's to see.
  const controller = new AbortController();
  try {
    const answer = send(url, { ...init, signal: controller.signal });
    return await abortable(beforeStall(answer, url, options), signal);
  } catch (cause) {
    controller.abort();
    signal?.throwIfAborted();
    if (cause instanceof HttpError) throw cause;
    throw new HttpError(url, { problem: UNREACHED, cause, isFinal: !/^https?:/i.test(url) });
  }
}

/** Waits for `work` as long as a server may take for the next byte. @throws HttpError. */
export function beforeStall<T>(work: Promise<T>, url: string, options: RequestOptions): Promise<T> {
  const { stallTimeoutMs = STALL_TIMEOUT_MS } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stall = new Promise<never>((_, reject) => {
    const give = (): void =>
      reject(new HttpError(url, { problem: `sent nothing for ${stallTimeoutMs / 1000} s` }));
    timer = setTimeout(give, Math.min(stallTimeoutMs, MAX_TIMER_MS));
  });
  return Promise.race([work, stall]).finally(() => clearTimeout(timer));
}

/** Tries until it succeeds, fails for good, or has failed too often. @throws also the signal's reason. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { retries = MAX_RETRIES, retryDelayMs = RETRY_DELAY_MS }: RequestOptions,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof HttpError) || error.failure.isFinal || failures >= retries) throw error;
      await pause(error.failure.retryAfterMs ?? retryDelayMs * 2 ** failures, signal);
    }
  }
}

/** Says so where it is a redirect that leads nowhere: `fetch` alone tells no more than that it failed. */
export async function explainUnreached(
  error: unknown,
  url: string,
  options: RequestOptions,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (!(error instanceof HttpError) || error.failure.problem !== UNREACHED || error.failure.isFinal)
    return error;
  const { fetch: send = fetch } = options;
  const answer = await fetchOnce(send, url, options, { redirect: 'manual' }, signal).catch(() => undefined);
  if (answer) discardBody(answer);
  const isRedirect = answer?.type === 'opaqueredirect' || Math.floor((answer?.status ?? 0) / 100) === 3;
  return isRedirect
    ? new HttpError(url, {
        problem: 'redirects in a circle, or to a place that could not be reached',
        cause: error,
      })
    : error;
}

/** Lets the connection go; a body that has failed already rejects, which is of no interest here. */
export function discardBody(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

/** The header holds seconds or a date. */
function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get('Retry-After') ?? '';
  const durationMs = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Number.isNaN(durationMs) ? undefined : Math.max(0, Math.min(durationMs, MAX_RETRY_AFTER_MS));
}

/** Leaves no timer behind. @throws the signal's reason as soon as it is aborted. */
function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      endWait();
      resolve();
    }, durationMs);
    const endWait = whenAborted(signal, () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    });
  });
}
