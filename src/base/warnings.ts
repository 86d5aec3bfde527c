import { MAX_MESSAGE_LENGTH, oneLine } from './errors.ts';
import type { ProgressCallback, WarningCallback } from './files.ts';

/** Reports what was worked around as progress events, or on the console where nobody listens to those. */
export function warningsTo(
  callback: ProgressCallback | null | undefined,
  /** What the user loaded, as in the other events. */
  name: string,
): WarningCallback {
  return (code, message) => {
    const line = oneLine(message, MAX_MESSAGE_LENGTH);
    if (callback) callback({ status: 'warning', name, code, message: line });
    else console.warn(line);
  };
}
