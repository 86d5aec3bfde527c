/** A client that stops in the middle of its body: noticed by itself, as a limit for the whole request would end large uploads over slow lines. */
import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';

/** Calls `fail` when no byte comes for so long. The time in which this server itself does not read does not count. */
export function watchStalls(
  incoming: IncomingMessage,
  milliseconds: number,
  fail: (error: ApiError) => void,
): { readonly end: () => void } {
  let last = performance.now();
  const heard = (): void => {
    last = performance.now();
  };
  const look = (): void => {
    if (incoming.isPaused()) heard();
    if (performance.now() - last < milliseconds) return;
    fail(
      new ApiError(
        'upload_stalled',
        `The upload brought no byte for ${milliseconds / 1000} s, so the server gave it up. Send the request again.`,
      ),
    );
  };
  incoming.on('data', heard);
  const timer = setInterval(look, Math.max(10, milliseconds / 8));
  return {
    end() {
      clearInterval(timer);
      incoming.off('data', heard);
    },
  };
}
