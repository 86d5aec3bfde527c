/** Times as the formats of captions write them. */

/** `HH:MM:SS` and milliseconds, with the separator that the format wants. */
export function formatTimecode(seconds: number, separator: ',' | '.'): string {
  const milliseconds = Math.round(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = two(Math.floor(milliseconds / 3_600_000));
  const minutes = two(Math.floor(milliseconds / 60_000) % 60);
  const wholeSeconds = two(Math.floor(milliseconds / 1000) % 60);
  return `${hours}:${minutes}:${wholeSeconds}${separator}${String(milliseconds % 1000).padStart(3, '0')}`;
}
