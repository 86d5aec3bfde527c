/** An engine in this process, which another one has forked. */
import type { FromEngine, ToEngine } from '../messages.ts';
import { serveEngine } from './serve-engine.ts';

/** @param onSend is told of what is sent, just before. */
export function serveProcess(onSend: (message: FromEngine) => void = () => undefined): void {
  const exit = (): void => process.exit(0);
  // Nobody is there to read what it would recognise.
  process.on('disconnect', exit);
  // Ctrl-C reaches all processes of a terminal; the front decides when this one ends.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  serveEngine({
    send(message) {
      onSend(message);
      if (process.connected) process.send?.(message);
    },
    onMessage: (listener) => process.on('message', (message) => listener(message as ToEngine)),
    exit,
  });
}
