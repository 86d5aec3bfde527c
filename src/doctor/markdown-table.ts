/** Markdown tables with aligned columns. */

/**
 * @param rows the header first; all of the same length.
 * @param rightAligned columns of numbers.
 */
export function markdownTable(
  [header = [], ...body]: readonly (readonly string[])[],
  rightAligned: readonly number[] = [],
): string {
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...body.map((row) => (row[column] ?? '').length)),
  );
  const isRight = (column: number): boolean => rightAligned.includes(column);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const pad = (row: readonly string[]): string =>
    line(
      widths.map((width, column) => {
        const cell = row[column] ?? '';
        return isRight(column) ? cell.padStart(width) : cell.padEnd(width);
      }),
    );
  const rule = line(
    widths.map((width, column) => (isRight(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))),
  );
  return [pad(header), rule, ...body.map(pad)].join('\n');
}
