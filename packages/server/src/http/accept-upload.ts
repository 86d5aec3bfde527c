/** From the headers of a request to a file in the spool and the fields of a form. */
import { ApiError } from './api-error.ts';
import { FormFields } from './form-fields.ts';
import type { Front } from './front.ts';
import type { RequestRecord } from './request-record.ts';
import type { SpooledUpload } from './spool.ts';
import { checkUploadHeaders, readUpload } from './upload.ts';

export interface AcceptedUpload {
  readonly fields: FormFields;
  /** Whoever takes it removes it. */
  readonly spooled: SpooledUpload;
}

export interface UploadOptions {
  /** Fields that may be longer than others: name → bytes. */
  readonly longFields?: Readonly<Record<string, number>> | undefined;
  /** Where the file goes; left out, into the spool. */
  readonly folder?: string | undefined;
}

/** Aborts when the client leaves, or the grace of a server that ends is over: a client that sends a byte now and then would hold it up. */
export const acceptSignal = ({ draining }: Pick<Front, 'draining'>, record: RequestRecord): AbortSignal =>
  AbortSignal.any([record.signal, draining.signal]);

/** @throws ApiError; nothing of the upload is left then. */
export async function acceptUpload(
  front: Pick<Front, 'settings' | 'spool' | 'metrics' | 'draining'>,
  record: RequestRecord,
  { longFields, folder }: UploadOptions = {},
): Promise<AcceptedUpload> {
  const { settings, spool, metrics } = front;
  const announced = checkUploadHeaders(record.incoming, settings.maxUploadBytes);
  const spooled = spool.open(announced, folder);
  const start = performance.now();
  try {
    const { maxUploadBytes, stallMilliseconds } = settings;
    const signal = acceptSignal(front, record);
    const upload = await readUpload(record, spooled, {
      maxUploadBytes,
      stallMilliseconds,
      longFields,
      signal,
    });
    metrics.observeStage('upload', (performance.now() - start) / 1000);
    record.uploadBytes = spooled.byteLength;
    record.fileName = upload.fileName;
    if (!upload.hasFile) {
      throw new ApiError(
        'missing_required_parameter',
        'The form has no bytes in the field "file", expected an audio file there.',
        { param: 'file' },
      );
    }
    return { fields: new FormFields(upload.fields), spooled };
  } catch (error) {
    await spooled.remove();
    throw error;
  }
}

/** Removes the upload when the work on it has ended. */
export async function removedAfter<Result>(spooled: SpooledUpload, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } finally {
    await spooled.remove();
  }
}
