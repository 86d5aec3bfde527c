/** What the plots and the table show of results: one entry a timed kernel, with its place under the roofs. Pure. */
import { rowFigures, type RowFigures } from '../kernels/figures.ts';
import { digits } from '../kernels/report.ts';
import type { CaseRows, KernelResults, KernelRow } from '../kernels/results.ts';
import { kindOf, type KindId } from './kinds.ts';

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
      return figures === undefined ? [] : [measured(rows, row, figures, results, isOneGroup)];
    }),
  );
}

function measured(
  { name, flops, byteCount }: CaseRows,
  { kernel, isChosen }: KernelRow,
  figures: RowFigures,
  { peak }: KernelResults,
  isOneGroup: boolean,
): Measured {
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
  };
}

/** The kernels that the engine runs, the one that takes longest first. */
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

export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

/** GFLOP/s, or GB/s of a kernel that only moves data. */
export const rateOf = ({ intensity, gflopsPerSecond, gigabytesPerSecond }: Measured): string =>
  intensity > 0 ? `${digits(gflopsPerSecond)} GFLOP/s` : `${digits(gigabytesPerSecond)} GB/s`;

export const spreadOf = ({ time }: Measured): string => `${digits(time.min)} – ${digits(time.max)}`;

/** Everything about one kernel in a sentence. */
export function describe(entry: Measured): string {
  const { label, kernel, isChosen, time, intensity, shareOfPeak, bound } = entry;
  const at = intensity > 0 ? ` at ${digits(intensity)} operations a byte` : '';
  return (
    `${label}, ${kernel}${isChosen ? '' : ' (not chosen)'}: ${digits(time.median)} ms (${spreadOf(entry)}), ` +
    `${rateOf(entry)}${at}, ${percent(shareOfPeak)} of the peak, bound by ${bound}`
  );
}
