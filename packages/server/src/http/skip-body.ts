/** A body that nobody needs, read to its end within the bounds of every other. */
import type { IncomingMessage } from 'node:http';
import { ApiError, toApiError } from './api-error.ts';
import { watchStalls } from './stall.ts';

/**
 * @param signal aborts when the client leaves or the server ends.
 * @throws ApiError
 */
export async function skipBody(
  incoming: IncomingMessage,
  signal: AbortSignal,
  {
    stallMilliseconds,
    maxUploadBytes,
  }: { readonly stallMilliseconds: number; readonly maxUploadBytes: number },
): Promise<void> {
  if (incoming.complete || incoming.headers.expect !== undefined) return;
  if (signal.aborted) throw toApiError(signal.reason);
  let byteLength = 0;
  let cleanUp = (): void => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const count = (chunk: Buffer): void => {
        byteLength += chunk.byteLength;
        if (byteLength > maxUploadBytes)
          reject(new ApiError('file_too_large', `The body has more than ${maxUploadBytes} bytes.`));
      };
      const leave = (): void => reject(toApiError(signal.reason));
      const stall = watchStalls(incoming, stallMilliseconds, reject);
      cleanUp = () => {
        stall.end();
        signal.removeEventListener('abort', leave);
        incoming.off('data', count);
        incoming.off('end', resolve);
      };
      signal.addEventListener('abort', leave, { once: true });
      incoming.on('data', count);
      incoming.once('end', resolve);
    });
  } finally {
    cleanUp();
  }
}
