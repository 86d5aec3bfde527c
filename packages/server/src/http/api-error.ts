/** Errors as OpenAI's clients read them: `{"error": {message, type, param, code}}` with a status and headers. */

/** Status and type of every code; the contract of this server's errors. */
const ERRORS = {
  missing_required_parameter: [400, 'invalid_request_error'],
  invalid_value: [400, 'invalid_request_error'],
  unsupported_value: [400, 'invalid_request_error'],
  unsupported_endpoint: [400, 'invalid_request_error'],
  unsupported_format: [400, 'invalid_request_error'],
  unsupported_language: [400, 'invalid_request_error'],
  bad_audio: [400, 'invalid_request_error'],
  audio_too_short: [400, 'invalid_request_error'],
  audio_too_long: [400, 'invalid_request_error'],
  malformed_multipart: [400, 'invalid_request_error'],
  malformed_request: [400, 'invalid_request_error'],
  invalid_api_key: [401, 'invalid_request_error'],
  host_not_allowed: [403, 'invalid_request_error'],
  origin_not_allowed: [403, 'invalid_request_error'],
  not_found: [404, 'invalid_request_error'],
  model_not_found: [404, 'invalid_request_error'],
  method_not_allowed: [405, 'invalid_request_error'],
  upload_stalled: [408, 'invalid_request_error'],
  file_too_large: [413, 'invalid_request_error'],
  unsupported_media_type: [415, 'invalid_request_error'],
  headers_too_large: [431, 'invalid_request_error'],
  queue_full: [429, 'rate_limit_error'],
  client_closed_request: [499, 'invalid_request_error'],
  internal_error: [500, 'server_error'],
  engine_crashed: [500, 'server_error'],
  too_little_memory: [500, 'server_error'],
  model_loading: [503, 'server_error'],
  draining: [503, 'server_error'],
  no_device: [503, 'server_error'],
  device_lost: [503, 'server_error'],
  out_of_memory: [503, 'server_error'],
  deadline_exceeded: [504, 'server_error'],
} as const satisfies Readonly<Record<string, readonly [status: number, type: string]>>;

export type ApiErrorCode = keyof typeof ERRORS;

export const API_ERROR_CODES: readonly string[] = Object.keys(ERRORS);

/** OpenAI's clients ignore a `retry-after` of more than a minute. */
const MAX_RETRY_SECONDS = 60;

export interface ApiErrorOptions {
  /** The field or header that is wrong. */
  readonly param?: string | undefined;
  /** When to try again. Codes that a later try may fix have a default. */
  readonly retryAfterSeconds?: number | undefined;
  /** Beside those of the code. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly cause?: unknown;
}

/** An answer that is an error. The message says what was found, what was expected, and what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ApiErrorCode,
    message: string,
    { param, retryAfterSeconds, headers, cause }: ApiErrorOptions = {},
  ) {
    super(message, { cause });
    [this.status, this.type] = ERRORS[code];
    this.param = param ?? null;
    this.headers = { ...headersOf(code, retryAfterSeconds), ...headers };
  }

  get body(): { readonly error: ApiErrorBody } {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }
}

export interface ApiErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

function headersOf(code: ApiErrorCode, retryAfterSeconds: number | undefined): Record<string, string> {
  if (code === 'invalid_api_key') return { 'www-authenticate': 'Bearer' };
  // The same file would end in the same way.
  if (code === 'engine_crashed' || code === 'too_little_memory') return { 'x-should-retry': 'false' };
  const [status] = ERRORS[code];
  if (status !== 429 && status !== 503) return {};
  return { 'retry-after': String(clampedRetry(retryAfterSeconds ?? 5)) };
}

const clampedRetry = (seconds: number): number =>
  Math.min(MAX_RETRY_SECONDS, Math.max(1, Math.ceil(Number.isFinite(seconds) ? seconds : MAX_RETRY_SECONDS)));

/** What the engine's own codes are here. */
const ENGINE_CODES: Readonly<Record<string, ApiErrorCode>> = {
  'bad-audio': 'bad_audio',
  'bad-option': 'unsupported_value',
  'bad-input': 'invalid_value',
  unsupported: 'unsupported_value',
  'not-found': 'model_not_found',
  'device-lost': 'device_lost',
  'no-device': 'no_device',
  'no-adapter': 'no_device',
  'no-webgpu': 'no_device',
  'out-of-memory': 'out_of_memory',
  'limit-exceeded': 'audio_too_long',
  // Of alignments.
  'too-short': 'audio_too_short',
  'no-path': 'invalid_value',
  'unknown-character': 'invalid_value',
};

/** Codes of what is wrong with the upload. */
const OF_FILE: readonly ApiErrorCode[] = [
  'bad_audio',
  'audio_too_short',
  'audio_too_long',
  'unsupported_format',
];

/**
 * Any error as an answer. Errors of the engine keep their sentence, which says what is wrong and how to fix it; of all
 * others a client learns nothing, as their messages may hold paths.
 */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (!(error instanceof Error)) return internalError(error);
  const code = 'code' in error ? error.code : undefined;
  const retryAfterSeconds = 'retryAfterSeconds' in error ? error.retryAfterSeconds : undefined;
  if (typeof code !== 'string') return internalError(error);
  const { message } = error;
  const known = isApiErrorCode(code) ? code : ENGINE_CODES[code];
  if (known === undefined || known === 'internal_error') return internalError(error);
  // A word, not the name of an option.
  const sentence = message.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase());
  return new ApiError(known, sentence, {
    cause: error,
    param: OF_FILE.includes(known) ? 'file' : undefined,
    retryAfterSeconds: typeof retryAfterSeconds === 'number' ? retryAfterSeconds : undefined,
  });
}

/** Where a file lies on this machine is not for clients, whoever wrote the message. */
export function withoutFile(error: ApiError, file: string): ApiError {
  if (!error.message.includes(file)) return error;
  return new ApiError(error.code, error.message.replaceAll(file, 'The file'), {
    param: error.param ?? undefined,
    headers: error.headers,
    cause: error,
  });
}

export const isApiErrorCode = (code: string): code is ApiErrorCode => Object.hasOwn(ERRORS, code);

const internalError = (cause: unknown): ApiError =>
  new ApiError(
    'internal_error',
    'The server failed in a way that is not the fault of the request. Its log has the error under the x-request-id of this answer.',
    { cause },
  );
