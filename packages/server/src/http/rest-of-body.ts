/** What a client still sends of a request that is answered already: it goes nowhere, for a while. A connection that is cut at once loses the answer. */
import type { IncomingMessage } from 'node:http';

const LINGER_MILLISECONDS = 5000;

/** Whether there is more to come that nobody reads. */
export const hasRest = ({ headers, complete, destroyed }: IncomingMessage): boolean =>
  !complete &&
  !destroyed &&
  // Who waits for `100 Continue` has sent nothing, and will not.
  headers.expect === undefined &&
  (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);

/** Resolves when the body has ended, the client has left, or the time is over. */
export function restDropped(incoming: IncomingMessage): Promise<void> {
  if (!hasRest(incoming)) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, LINGER_MILLISECONDS);
    timer.unref();
    incoming.once('end', end);
    incoming.once('error', end);
    incoming.once('close', end);
    incoming.resume();
  });
}
