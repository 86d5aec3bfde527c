/** A body that nobody needs, read to its end within the bounds of every other. */
import { ApiError, toApiError } from './api-error.ts';
import type { RequestRecord } from './request-record.ts';
import { watchStalls } from './stall.ts';

/** @throws ApiError for a client that stalls or leaves. */
export async function skipBody(
  { incoming, signal }: RequestRecord,
  {
    stallMilliseconds,
    maxUploadBytes,
  }: { readonly stallMilliseconds: number; readonly maxUploadBytes: number },
): Promise<void> {
  if (incoming.complete || incoming.headers.expect !== undefined) return;
  let byteLength = 0;
  await new Promise<void>((resolve, reject) => {
    const stall = watchStalls(incoming, stallMilliseconds, reject);
    const leave = (): void => reject(toApiError(signal.reason));
    signal.addEventListener('abort', leave, { once: true });
    incoming.on('data', (chunk: Buffer) => {
      byteLength += chunk.byteLength;
      if (byteLength > maxUploadBytes)
        reject(new ApiError('file_too_large', `The body has more than ${maxUploadBytes} bytes.`));
    });
    incoming.on('end', () => {
      stall.end();
      resolve();
    });
    signal.addEventListener('abort', () => stall.end(), { once: true });
  });
}
