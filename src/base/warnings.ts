import type { ProgressCallback, WarningCallback } from './files.ts';

/** Reports what was worked around as progress events, or on the console where nobody listens to those. */
export function warningsTo(
  callback: ProgressCallback | null | undefined,
  /** What the user loaded, as in the other events. */
  name: string,
): WarningCallback {
  return (code, message) => {
    if (callback) callback({ status: 'warning', name, code, message });
    else console.warn(message);
  };
}
