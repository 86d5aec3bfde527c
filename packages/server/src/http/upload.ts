/**
 * A multipart body, read as a stream: the file goes into the spool, the fields into memory. The file may come before the fields, so nothing is decided
 * before the end but what the headers say. The disk holds the client back: what is not written yet is not read.
 */
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { ApiError, toApiError } from './api-error.ts';
import type { RequestRecord } from './request-record.ts';
import type { SpooledUpload } from './spool.ts';
import { watchStalls } from './stall.ts';

const MAX_FIELDS = 64;
const MAX_FIELD_BYTES = 64 * 1024;
const MAX_FIELD_NAME_BYTES = 256;
/** What of a body is no file: fields, headers of parts, borders. */
const MAX_BYTES_BESIDE_FILE = 8 * 1024 ** 2;
/** A part has three headers at most. */
const MAX_PART_HEADER_BYTES = 8 * 1024;

export interface UploadLimits {
  readonly maxUploadBytes: number;
  readonly stallMilliseconds: number;
  /** Of fields that may be longer than others. */
  readonly longFields?: Readonly<Record<string, number>> | undefined;
  /** Aborts when the client leaves or the server ends. */
  readonly signal: AbortSignal;
}

export interface Upload {
  /** In their order; names as the client spells them. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** As the client calls it; for logs at most. */
  readonly fileName: string | undefined;
  readonly hasFile: boolean;
}

/**
 * Checks what the headers say of the body, so that a client that waits for `100 Continue` sends nothing in vain.
 * @returns how many bytes the client announces; 0 where it does not.
 * @throws ApiError
 */
export function checkUploadHeaders({ headers }: IncomingMessage, maxUploadBytes: number): number {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'multipart/form-data') {
    throw new ApiError(
      'unsupported_media_type',
      `The body is of type ${JSON.stringify(type.trim().slice(0, 100))}, expected multipart/form-data with the audio in the field "file".`,
      { param: 'content-type' },
    );
  }
  const announced = Number(headers['content-length'] ?? 0);
  if (announced > maxUploadBytes + MAX_BYTES_BESIDE_FILE) throw tooLarge(announced, maxUploadBytes);
  return announced;
}

const tooLarge = (byteLength: number, limit: number): ApiError =>
  new ApiError(
    'file_too_large',
    `The upload has ${byteLength} bytes or more, and this server takes files of at most ${limit} bytes. Send a compressed format, or raise --max-upload.`,
    { param: 'file' },
  );

/**
 * Reads the body. The file lies in the spool when this resolves; if it rejects, what was written is for the caller to remove, and what the client goes on
 * sending is for the server to drop.
 * @throws ApiError
 */
export async function readUpload(
  record: RequestRecord,
  spooled: SpooledUpload,
  limits: UploadLimits,
): Promise<Upload> {
  const { incoming, outgoing } = record;
  const { signal } = limits;
  const parser = parserOf(incoming, limits);
  const fields: (readonly [string, string])[] = [];
  const failure = new AbortController();
  let fileName: string | undefined;
  let written: Promise<void> | undefined;
  const fail = (error: unknown): void => failure.abort(error);
  parser.on('field', (name: string | undefined, value, _isNameCut, isCut) => {
    const error = fieldError(name, value, isCut, limits.longFields ?? {});
    if (error) fail(error);
    else fields.push([name ?? '', value]);
  });
  parser.on('file', (name: string | undefined, stream, givenName: string | undefined) => {
    // An error of the stream that nobody listens to would end the process.
    stream.on('error', () => fail(malformed()));
    stream.on('limit', () => fail(tooLarge(limits.maxUploadBytes + 1, limits.maxUploadBytes)));
    if (name !== 'file') {
      fail(invalid(`A file is in the field ${shown(name)}, expected "file".`));
      return;
    }
    fileName = givenName;
    stream.on('data', (chunk: Buffer) => attempt(() => spooled.grow(chunk.byteLength), fail));
    const file = createWriteStream(spooled.file, { flags: 'wx', mode: 0o600 });
    written = pipeline(stream, file, { signal: failure.signal });
    written.catch(fail);
  });
  parser.on('filesLimit', () => fail(invalid('The form has more than one file.')));
  parser.on('fieldsLimit', () => fail(invalid(`The form has more than ${MAX_FIELDS} fields.`)));

  let bodyBytes = 0;
  const count = (chunk: Buffer): void => {
    bodyBytes += chunk.byteLength;
    if (bodyBytes > limits.maxUploadBytes + MAX_BYTES_BESIDE_FILE)
      fail(tooLarge(bodyBytes, limits.maxUploadBytes));
  };
  const leave = (): void => fail(signal.reason);
  const stall = watchStalls(incoming, limits.stallMilliseconds, fail);
  signal.addEventListener('abort', leave, { once: true });
  incoming.on('data', count);
  try {
    if (signal.aborted) throw toApiError(signal.reason);
    // Only now: whoever was refused by its headers has sent nothing.
    if (incoming.headers.expect !== undefined) outgoing.writeContinue();
    await parsed(incoming, parser, failure.signal);
    await written;
    failure.signal.throwIfAborted();
    return { fields, fileName, hasFile: spooled.byteLength > 0 };
  } catch (error) {
    throw toApiError(failure.signal.aborted ? failure.signal.reason : error);
  } finally {
    stall.end();
    signal.removeEventListener('abort', leave);
    incoming.off('data', count);
    incoming.unpipe(parser);
    spooled.closeUpload();
    await written?.catch(() => undefined);
  }
}

/** Resolves at the end of the body, or rejects with what is wrong first: after an error the parser says that it has finished, too. */
function parsed(incoming: IncomingMessage, parser: BusboyInstance, failure: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.once('error', () => reject(malformed()));
    parser.once('finish', resolve);
    failure.addEventListener('abort', () => reject(toApiError(failure.reason)), { once: true });
    if (failure.aborted) reject(toApiError(failure.reason));
    incoming.pipe(parser);
  });
}

function parserOf(
  { headers }: IncomingMessage,
  { maxUploadBytes, longFields = {} }: UploadLimits,
): BusboyInstance {
  const type = headers['content-type'] ?? '';
  try {
    return Busboy({
      headers: { ...headers, 'content-type': type },
      isPartAFile: (name, _type, fileName) => fileName !== undefined || name === 'file',
      limits: {
        files: 1,
        // One more, so that what is too much shows.
        fileSize: maxUploadBytes,
        fields: MAX_FIELDS,
        fieldSize: Math.max(MAX_FIELD_BYTES, ...Object.values(longFields)),
        headerPairs: 16,
        headerSize: MAX_PART_HEADER_BYTES,
      },
    });
  } catch (cause) {
    throw malformed(cause);
  }
}

function fieldError(
  name: string | undefined,
  value: string,
  isCut: boolean,
  longFields: Readonly<Record<string, number>>,
): ApiError | undefined {
  if (name === undefined || name === '') return invalid('A part of the form has no name.');
  if (Buffer.byteLength(name) > MAX_FIELD_NAME_BYTES)
    return invalid(`The name of a field has more than ${MAX_FIELD_NAME_BYTES} bytes.`);
  const limit = longFields[name] ?? MAX_FIELD_BYTES;
  if (!isCut && Buffer.byteLength(value) <= limit) return undefined;
  return invalid(`The field ${shown(name)} has more than ${limit} bytes.`, name.slice(0, 64));
}

function attempt(action: () => void, fail: (error: unknown) => void): void {
  try {
    action();
  } catch (error) {
    fail(error);
  }
}

const shown = (name: string | undefined): string => JSON.stringify((name ?? '').slice(0, 64));

const invalid = (message: string, param?: string): ApiError =>
  new ApiError('invalid_value', message, { param });

const malformed = (cause?: unknown): ApiError =>
  new ApiError(
    'malformed_multipart',
    'The body ends in the middle of a part or has no border as its content-type says. Let the HTTP client write body and header.',
    { cause },
  );
