/** Tables for `RESULTS.md`. */

/** @param rightAligned columns of numbers. */
export function markdownTable(
  [header = [], ...rows]: readonly (readonly string[])[],
  rightAligned: readonly number[] = [],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, column) => (rightAligned.includes(column) ? '---:' : '---'));
  return [header, rule, ...rows].map(line).join('\n');
}
