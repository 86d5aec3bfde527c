/** A TextGrid of Praat: tiers of intervals and of points, and the long form of its text. Pure. */

/** Seconds; they follow each other without a gap from the start of their tier to its end. Silence has no text. */
export interface GridInterval {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface IntervalTier {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly intervals: readonly GridInterval[];
}

export interface PointTier {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly points: readonly { readonly time: number; readonly text: string }[];
}

export interface TextGrid {
  readonly start: number;
  readonly end: number;
  readonly tiers: readonly (IntervalTier | PointTier)[];
}

/** The text as Praat writes it, with its spaces at the ends of lines. Numbers are the shortest that read back as the same. */
export function formatTextGrid({ start, end, tiers }: TextGrid): string {
  const lines = [
    'File type = "ooTextFile"',
    'Object class = "TextGrid"',
    '',
    `xmin = ${start} `,
    `xmax = ${end} `,
    'tiers? <exists> ',
    `size = ${tiers.length} `,
    'item []: ',
  ];
  for (const [index, tier] of tiers.entries()) {
    lines.push(`    item [${index + 1}]:`);
    const add = (...more: readonly string[]): number => lines.push(...more.map((line) => `        ${line}`));
    add(`class = "${'intervals' in tier ? 'IntervalTier' : 'TextTier'}" `, `name = ${quoted(tier.name)} `);
    add(`xmin = ${tier.start} `, `xmax = ${tier.end} `);
    if ('intervals' in tier) {
      add(`intervals: size = ${tier.intervals.length} `);
      for (const [at, interval] of tier.intervals.entries()) {
        add(`intervals [${at + 1}]:`, `    xmin = ${interval.start} `, `    xmax = ${interval.end} `);
        add(`    text = ${quoted(interval.text)} `);
      }
    } else {
      add(`points: size = ${tier.points.length} `);
      for (const [at, { time, text }] of tier.points.entries())
        add(`points [${at + 1}]:`, `    number = ${time} `, `    mark = ${quoted(text)} `);
    }
  }
  return `${lines.join('\n')}\n`;
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
