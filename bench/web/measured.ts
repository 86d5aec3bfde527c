/** What the plots and the table show of results: one entry a timed kernel, with its place under the roofs. Pure. */
import { controlRatio, isNoisy, rowFigures, type RowFigures } from '../kernels/figures.ts';
import { digits } from '../kernels/report.ts';
import type { Peak } from '../kernels/peak.ts';
import type { CaseRows, KernelResults, KernelRow } from '../kernels/results.ts';
import { kindOf, type KindId } from './kinds.ts';
import { inWords, percent, rate, timing } from './units.ts';

export interface Measured extends RowFigures {
  /** Known across redraws. */
  readonly key: string;
  /** Of the case, without what all cases on show begin with. */
  readonly label: string;
  readonly kernel: string;
  readonly kind: KindId;
  readonly isChosen: boolean;
  /** Operations for each byte that must be moved. */
  readonly intensity: number;
  /** Which of the two roofs is the lower one there. */
  readonly bound: 'arithmetic' | 'memory';
  /** What its control reads where that is too far from 1. */
  readonly noise: number | undefined;
}

/** `base 5 s`, what the name of a case begins with. */
export const groupOf = (caseName: string): string => caseName.split(': ')[0] ?? '';

/** The groups of the cases, in the order of measuring. */
export const groupsOf = ({ cases }: KernelResults): readonly string[] => [
  ...new Set(cases.map(({ name }) => groupOf(name))),
];

/** The results of one group alone; all of them for an empty name. */
export const onlyGroup = (results: KernelResults, group: string): KernelResults => ({
  ...results,
  cases: results.cases.filter(({ name }) => group === '' || groupOf(name) === group),
});

/** Timed kernels in the order of cases, the chosen one of each case first. */
export function measuredKernels(results: KernelResults): readonly Measured[] {
  const isOneGroup = groupsOf(results).length === 1;
  return results.cases.flatMap((rows) =>
    rows.rows.flatMap((row) => {
      const figures = rowFigures(rows, row, results.peak);
      return figures === undefined ? [] : [measured(rows, row, figures, { peak: results.peak, isOneGroup })];
    }),
  );
}

function measured(
  rows: CaseRows,
  { kernel, isChosen }: KernelRow,
  figures: RowFigures,
  { peak, isOneGroup }: { readonly peak: Peak; readonly isOneGroup: boolean },
): Measured {
  const { name, flops, byteCount } = rows;
  const intensity = flops / byteCount;
  return {
    ...figures,
    key: `${name}\n${kernel}`,
    label: isOneGroup ? name.slice(groupOf(name).length + 2) : name,
    kernel,
    kind: kindOf(kernel),
    isChosen,
    intensity,
    bound: intensity * peak.bytesPerSecond < peak.flopsPerSecond ? 'memory' : 'arithmetic',
    noise: isChosen && isNoisy(rows) ? controlRatio(rows) : undefined,
  };
}

/** The static choice of kernels, the one that takes longest first. */
export const byTime = (all: readonly Measured[]): readonly Measured[] =>
  all.filter(({ isChosen }) => isChosen).sort((a, b) => b.time.median - a.time.median);

/**
 * Of the peak, for all cases one after the other: the time that the peak would take by the time measured. Undefined
 * where nothing was timed.
 */
export function shareOfAll(all: readonly Measured[]): number | undefined {
  const chosen = byTime(all);
  const total = chosen.reduce((sum, { time }) => sum + time.median, 0);
  const least = chosen.reduce((sum, { time, shareOfPeak }) => sum + time.median * shareOfPeak, 0);
  return total > 0 ? least / total : undefined;
}

/** Operations a second, or bytes of a kernel that only moves data. */
export const rateOf = ({ intensity, gflopsPerSecond, gigabytesPerSecond }: Measured): string =>
  inWords(intensity > 0 ? rate(gflopsPerSecond, 'FLOP/s') : rate(gigabytesPerSecond, 'B/s'));

/** Everything about one kernel in a sentence. */
export function describe(entry: Measured): string {
  const { label, kernel, isChosen, intensity, shareOfPeak, bound } = entry;
  const { median, range } = timing(entry.time);
  const at = intensity > 0 ? ` at ${digits(intensity)} operations a byte` : '';
  return (
    `${label}, ${kernel}${isChosen ? '' : ' (not chosen)'}: ${median} (${range}), ` +
    `${rateOf(entry)}${at}, ${percent(shareOfPeak)} of the peak, bound by ${bound}`
  );
}
