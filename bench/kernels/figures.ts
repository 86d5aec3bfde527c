/** What tables, bars and comparisons show of the raw timings. */
import { median, pairedRatio, spread, type Spread } from '../lib/statistics.ts';
import { shareOfPeak, type Peak } from './peak.ts';
import type { CaseRows, KernelResults, KernelRow } from './results.ts';

/** A control row may differ from its twin by this much, or the run was disturbed. */
const CONTROL_TOLERANCE = 0.03;

export interface RowFigures {
  readonly time: Spread;
  readonly gflopsPerSecond: number;
  readonly gigabytesPerSecond: number;
  /** Of what the adapter could do at best, 0 to 1. */
  readonly shareOfPeak: number;
}

/** Undefined for a row that was not timed. */
export function rowFigures(
  { flops, byteCount }: CaseRows,
  row: KernelRow,
  peak: Peak,
): RowFigures | undefined {
  if (row.milliseconds.length === 0) return undefined;
  const time = spread(row.milliseconds);
  return {
    time,
    gflopsPerSecond: flops / time.median / 1e6,
    gigabytesPerSecond: byteCount / time.median / 1e6,
    shareOfPeak: shareOfPeak({ flops, byteCount }, time.median, peak),
  };
}

/** Time of the control by that of its twin, round by round; undefined where the chosen kernel was not timed. */
export function controlRatio({ rows, controlMilliseconds }: CaseRows): number | undefined {
  const chosen = rows.find(({ isChosen }) => isChosen);
  if (chosen === undefined || controlMilliseconds.length === 0) return undefined;
  return pairedRatio(controlMilliseconds, chosen.milliseconds).median;
}

export const isNoisy = (rows: CaseRows): boolean =>
  Math.abs((controlRatio(rows) ?? 1) - 1) > CONTROL_TOLERANCE;

export const faultsOf = ({ cases }: KernelResults): readonly string[] =>
  cases.flatMap(({ name, rows }) =>
    rows.flatMap(({ fault }) => (fault === undefined ? [] : `${name}: ${fault}`)),
  );

/** One row in two results. */
export interface SpeedComparison {
  readonly name: string;
  readonly kernel: string;
  readonly before: number;
  readonly after: number;
  /** Time now by time then. */
  readonly ratio: number;
  /** Whether the two differ by more than either varies in itself. */
  readonly isChange: boolean;
}

/** The rows that both results have; a row is known by its case and its kernel. */
export function compareResults(now: KernelResults, then: KernelResults): readonly SpeedComparison[] {
  const earlier = new Map(
    then.cases.flatMap(({ name, rows }) => rows.map((row) => [`${name}\n${row.kernel}`, row] as const)),
  );
  return now.cases.flatMap(({ name, rows }) =>
    rows.flatMap((row) => {
      const old = earlier.get(`${name}\n${row.kernel}`);
      if (old === undefined || old.milliseconds.length === 0 || row.milliseconds.length === 0) return [];
      const before = median(old.milliseconds);
      const after = median(row.milliseconds);
      const ratio = after / before;
      const noise = Math.max(CONTROL_TOLERANCE, deviation(old.milliseconds), deviation(row.milliseconds));
      return [
        { name, kernel: row.kernel, before, after, ratio, isChange: Math.abs(Math.log(ratio)) > noise },
      ];
    }),
  );
}

/** Half of the timings lie within this share of the median. */
function deviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle))) / middle;
}
