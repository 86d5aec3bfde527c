/** Words into the lines of one caption, by their widths alone. Pure. */
import type { CueRules } from './cue-options.ts';

/** Code points: no letter counts twice because it lies beyond 16 bits. */
export function widthOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Of words of these widths with single spaces between them. */
export const lineWidth = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + 1 + width, -1);

type LineRules = Pick<CueRules, 'max_chars_per_line' | 'max_lines'>;

/**
 * One line if the words fit; else two that are as equal as possible; else as many as are allowed, each filled. A single word is one
 * line, however wide.
 * @returns how many words each line has; undefined: the words do not fit.
 */
export function fitLines(widths: readonly number[], rules: LineRules): readonly number[] | undefined {
  const { max_chars_per_line: limit, max_lines: most } = rules;
  const total = lineWidth(widths);
  if (widths.length <= 1 || total <= limit) return [widths.length];
  if (most < 2) return undefined;
  return twoLines(widths, total, limit) ?? filledLines(widths, rules);
}

function twoLines(widths: readonly number[], total: number, limit: number): readonly number[] | undefined {
  let best: number | undefined;
  let least = limit + 1;
  let first = -1;
  for (const [index, width] of widths.entries()) {
    first += 1 + width;
    // Between the lines no space is left.
    const longer = Math.max(first, total - first - 1);
    if (longer >= least || index === widths.length - 1) continue;
    best = index + 1;
    least = longer;
  }
  return best === undefined ? undefined : [best, widths.length - best];
}

function filledLines(
  widths: readonly number[],
  { max_chars_per_line: limit, max_lines: most }: LineRules,
): readonly number[] | undefined {
  const counts: number[] = [];
  let room = -1;
  for (const width of widths) {
    if (width > limit) return undefined;
    if (room >= 1 + width) {
      counts.push((counts.pop() ?? 0) + 1);
      room -= 1 + width;
    } else {
      if (counts.length === most) return undefined;
      counts.push(1);
      room = limit - width;
    }
  }
  return counts;
}
