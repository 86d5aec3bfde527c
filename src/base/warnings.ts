import { MAX_MESSAGE_LENGTH, oneLine } from './errors.ts';
import type { ProgressCallback, WarningCallback } from './files.ts';

export const warnOnConsole: WarningCallback = (_code, message) => console.warn(message);

/** Reports warnings as progress events, or on the console if nobody listens to these events. */
export function warningsTo(
  callback: ProgressCallback | null | undefined,
  /** The model that the user loaded, as in the other events. */
  name: string,
): WarningCallback {
  return (code, message) => {
    const line = oneLine(message, MAX_MESSAGE_LENGTH);
    if (callback) callback({ status: 'warning', name, code, message: line });
    else console.warn(line);
  };
}
