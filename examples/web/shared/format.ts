/** Numbers as people read them. Pure functions. */

/** `3.4 MB`: decimal units, as browsers and file managers count. */
export function formatBytes(byteCount: number): string {
  if (byteCount < 1000) return `${Math.round(byteCount)} B`;
  const units = ['kB', 'MB', 'GB'];
  let value = byteCount / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? ''}`;
}

/** `340 ms`, `1.9 s`, `2 min 05 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** A position in audio: `1.94 s`, and `1:05.20` from a minute on. */
export function formatPosition(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(2).padStart(5, '0')}`;
}
