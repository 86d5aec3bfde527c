/** Times as the formats of captions write them. */

/** Whole milliseconds; half of one counts as one. */
export const millisecondsOf = (seconds: number): number => Math.round(seconds * 1000);

/** `HH:MM:SS` and milliseconds, with the separator that the format wants. */
export function formatTimecode(seconds: number, separator: ',' | '.'): string {
  const milliseconds = millisecondsOf(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = two(Math.floor(milliseconds / 3_600_000));
  const minutes = two(Math.floor(milliseconds / 60_000) % 60);
  const wholeSeconds = two(Math.floor(milliseconds / 1000) % 60);
  return `${hours}:${minutes}:${wholeSeconds}${separator}${String(milliseconds % 1000).padStart(3, '0')}`;
}

/** The line of a caption's times. A caption that would end when it begins, of words without length, is seen for a millisecond. */
export function timesLine({ start, end }: { start: number; end: number }, separator: ',' | '.'): string {
  const last = Math.max(millisecondsOf(end), millisecondsOf(start) + 1) / 1000;
  return `${formatTimecode(start, separator)} --> ${formatTimecode(last, separator)}`;
}

/** Seconds with three digits behind the point. */
export const inMilliseconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);
