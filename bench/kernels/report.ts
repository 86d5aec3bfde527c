/** The suite's tables, for a terminal or for `RESULTS.md`. */
import { formatTable } from '../../src/cli/table.ts';
import { markdownTable } from '../lib/markdown.ts';
import { compareResults, controlRatio, faultsOf, isNoisy, rowFigures } from './figures.ts';
import type { CaseRows, KernelResults } from './results.ts';

const HEADER = ['case', 'kernel', '', 'ms', 'min – max', 'GFLOP/s', 'GB/s', '% of peak', 'control'];
const RIGHT_ALIGNED = [3, 4, 5, 6, 7, 8];

/** Three digits that count, down to four decimals. */
export function digits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  if (value >= 1) return value.toFixed(2);
  return value.toFixed(value >= 0.1 ? 3 : 4);
}

function caseTable(rows: CaseRows, { peak }: KernelResults): readonly (readonly string[])[] {
  const control = controlRatio(rows);
  return rows.rows.map((row, index) => {
    const first = index === 0;
    const figures = rowFigures(rows, row, peak);
    const name = first ? rows.name : '';
    if (figures === undefined)
      return [
        name,
        row.kernel,
        '',
        '–',
        row.fault === undefined ? (row.skipped ?? '') : 'WRONG',
        '',
        '',
        '',
        '',
      ];
    return [
      name,
      row.kernel,
      row.isChosen ? 'chosen' : '',
      digits(figures.time.median),
      `${digits(figures.time.min)} – ${digits(figures.time.max)}`,
      rows.flops > 0 ? digits(figures.gflopsPerSecond) : '–',
      digits(figures.gigabytesPerSecond),
      (100 * figures.shareOfPeak).toFixed(0),
      first && control !== undefined ? `${control.toFixed(2)}${isNoisy(rows) ? ' NOISY' : ''}` : '',
    ];
  });
}

/** `GPU timestamps`, and what they are rounded to where that is coarse. */
export function describeClock({ clock, clockStepNanoseconds = 0 }: KernelResults): string {
  if (clock === 'host') return 'the host’s, around whole submits';
  const isCoarse = clockStepNanoseconds >= 10_000;
  return `GPU timestamps${isCoarse ? ` in steps of ${(clockStepNanoseconds / 1000).toFixed(0)} µs` : ''}`;
}

export function formatReport(results: KernelResults, markdown: boolean): string {
  const rows = [HEADER, ...results.cases.flatMap((caseRows) => caseTable(caseRows, results))];
  const { environment, peak } = results;
  const facts = [
    `Adapter: ${environment.adapter}`,
    ...(typeof environment.cpu === 'string'
      ? [`Machine: ${environment.cpu}, ${String(environment.coreCount)} cores; ${String(environment.system)}`]
      : []),
    ...(typeof environment.dawn === 'string'
      ? [
          `Node ${String(environment.node)}, Dawn (npm webgpu) ${environment.dawn}, ${String(environment.date)}, commit ${String(environment.commit)}`,
        ]
      : []),
    ...(typeof environment.browser === 'string'
      ? [`Browser: ${environment.browser}, ${String(environment.date)}`]
      : []),
    `Peak, measured in this run: ${(peak.flopsPerSecond / 1e9).toFixed(1)} GFLOP/s multiply-add, ${(peak.bytesPerSecond / 1e9).toFixed(1)} GB/s copy`,
    `Clock: ${describeClock(results)}`,
  ];
  if (markdown) {
    const list = facts.map((fact) => `- ${fact}`).join('\n');
    return `\`${results.command}\`\n\n${list}\n\n${markdownTable(rows, RIGHT_ALIGNED)}\n`;
  }
  return `${facts.join('\n')}\n\n${formatTable(rows, RIGHT_ALIGNED)}\n`;
}

/** What the reader must know before believing a figure; empty when all is well. */
export function complaints(results: KernelResults): readonly string[] {
  const noisy = results.cases.filter(isNoisy).map(({ name }) => name);
  return [
    ...faultsOf(results),
    ...(noisy.length > 0
      ? [
          `Too noisy: the same kernel timed twice differs by more than 3 % in ${noisy.length} of ${results.cases.length} cases (${noisy.slice(0, 3).join('; ')}). Measure again on a quiet machine.`,
        ]
      : []),
  ];
}

export function formatComparison(now: KernelResults, then: KernelResults): string {
  const rows = compareResults(now, then).map(({ name, kernel, before, after, ratio, isChange }) => [
    name,
    kernel,
    digits(before),
    digits(after),
    ratio.toFixed(2),
    isChange ? (ratio < 1 ? 'faster' : 'SLOWER') : '',
  ]);
  if (rows.length === 0) return 'No row of the two results is the same.\n';
  const adapters =
    now.environment.adapter === then.environment.adapter
      ? ''
      : `The adapters differ: ${then.environment.adapter} then, ${now.environment.adapter} now.\n`;
  return `${adapters}${formatTable([['case', 'kernel', 'ms then', 'ms now', 'ratio', ''], ...rows], [2, 3, 4])}\n`;
}
