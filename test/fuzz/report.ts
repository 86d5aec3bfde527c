/** The outcomes as text, Markdown and JSON. */
import type { TargetReport } from './supervisor.ts';

const withoutFaults = ({ counts }: TargetReport): [name: string, count: number][] =>
  Object.entries(counts)
    .filter(([name]) => name !== 'fault')
    .sort(([, a], [, b]) => b - a);

/** One line a target, and two a fault. */
export function formatText(
  { target, mutantCount, seconds, counts, faults, ...rest }: TargetReport,
  seed: number,
): string {
  const outcomes = withoutFaults({ target, mutantCount, seconds, counts, faults, ...rest });
  const lines = [
    `${target}: ${mutantCount} mutants in ${seconds.toFixed(1)} s: ` +
      `${outcomes.map(([name, count]) => `${count} ${name}`).join(', ')}, ${faults.length} faults`,
    ...faults.flatMap(({ mutant, fault, description }) => [
      `  FAULT ${target} --seed ${seed} --mutant ${mutant}: ${fault}`,
      `    ${description}`,
    ]),
  ];
  return lines.join('\n');
}

/** A table of all targets; refusals by code. */
export function formatMarkdown(reports: readonly TargetReport[], seed: number): string {
  const number = (count: number): string => count.toLocaleString('en-US');
  const rows = reports.map((report) => {
    const refused = withoutFaults(report).filter(([name]) => name !== 'result' && name !== 'warning');
    return [
      report.target,
      report.about,
      number(report.mutantCount),
      number(report.counts.result ?? 0),
      number(report.counts.warning ?? 0),
      refused.map(([name, count]) => `${name} ${number(count)}`).join(', ') || '–',
      number(report.faults.length),
      number(Math.round(report.seconds)),
    ];
  });
  const head = [
    'target',
    'what is fed',
    'mutants',
    'results',
    'with a warning',
    'errors by code',
    'faults',
    'seconds',
  ];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `Seed ${seed}, Node ${process.versions.node}.`,
    '',
    line(head),
    line(head.map((name) => (['target', 'what is fed', 'errors by code'].includes(name) ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n');
}
