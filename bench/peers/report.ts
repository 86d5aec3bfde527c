/** The suite's tables, for a terminal or for `RESULTS.md`. */
import { formatTable } from '../../src/cli/table.ts';
import { markdownTable } from '../lib/markdown.ts';
import { pairedRatio, spread, type Spread } from '../lib/statistics.ts';
import type { EngineRow, ProblemKind, PeersResults, VenueFacts, WorkloadResult } from './results.ts';

/** Two processes of one engine must agree this closely, or no other ratio of the workload can be trusted. */
const CONTROL_TOLERANCE = 0.05;

const HEADER = [
  'workload',
  'engine',
  'ms',
  'min – max',
  'GFLOP/s',
  'peer / ours',
  'min – max',
  'differs by',
  '',
];
const RIGHT_ALIGNED = [2, 3, 4, 5, 6, 7];

const PROBLEM_WORDS: Readonly<Record<ProblemKind, string>> = {
  wrong: 'WRONG',
  'other-adapter': 'OTHER ADAPTER',
  cannot: 'cannot',
  slow: 'too slow',
};

export function formatReport(results: PeersResults, markdown: boolean): string {
  const sections = results.venues.map((venue) => {
    const workloads = results.workloads.filter((workload) => workload.venue === venue.venue);
    const rows = [HEADER, ...workloads.flatMap(workloadRows)];
    const facts = [...venueFacts(venue, workloads), ...remarks(workloads)];
    return markdown
      ? `### ${titleOf(venue)}\n\n${markdownTable(rows, RIGHT_ALIGNED)}\n\n${listOf(facts)}`
      : `${titleOf(venue)}\n${formatTable(rows, RIGHT_ALIGNED)}\n${facts.join('\n')}`;
  });
  const { cpu, coreCount, memoryGiB, system, date, commit } = results.environment;
  const machine = [
    `Machine: ${cpu}, ${coreCount} cores, ${memoryGiB} GiB; ${system}`,
    `${date}${commit === undefined ? '' : `, commit ${commit}`}`,
  ];
  const head = markdown
    ? `## Beside peers\n\n\`${results.command}\`\n\n${listOf(machine)}`
    : machine.join('\n');
  return `${[head, ...sections].join('\n\n')}\n`;
}

/** Whether the control of every timed workload is there and reads 1.00 within the tolerance. */
export const isQuiet = ({ workloads }: PeersResults): boolean => workloads.every(isControlQuiet);

/** Engines that computed something else, or elsewhere, as sentences. */
export const faultsOf = ({ workloads }: PeersResults): readonly string[] =>
  workloads.flatMap(({ venue, workload, rows }) =>
    rows.flatMap(({ engine, problem }, index) =>
      // This engine must run everywhere; a peer may lack something.
      problem && (index === 0 || problem.kind === 'wrong' || problem.kind === 'other-adapter')
        ? [`${venue}, ${workload}, ${engine}: ${problem.message}`]
        : [],
    ),
  );

const listOf = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
const titleOf = ({ venue, runtime }: VenueFacts): string =>
  `${venue === 'node' ? 'In Node' : 'In Chromium'}: ${runtime}`;

const controlRatio = ({ rows, controlMilliseconds }: WorkloadResult): Spread | undefined =>
  pairs(controlMilliseconds, rows[0]?.milliseconds ?? []);

const isControlQuiet = (result: WorkloadResult): boolean => {
  const isTimed = (result.rows[0]?.milliseconds.length ?? 0) > 0;
  return !isTimed || Math.abs((controlRatio(result)?.median ?? NaN) - 1) <= CONTROL_TOLERANCE;
};

function workloadRows(result: WorkloadResult): readonly (readonly string[])[] {
  const ours = result.rows[0];
  const rows = result.rows.map((row, index) => engineCells(result, row, ours, index === 0));
  const control = controlRatio(result);
  if (isControlQuiet(result) && control === undefined) return rows;
  const quiet = isControlQuiet(result) ? 'quiet' : control ? 'TOO NOISY' : 'NO CONTROL';
  return [...rows, ['', 'control: ours / ours', '', '', '', ...ratioCells(control), '', quiet]];
}

function engineCells(
  { workload, flops }: WorkloadResult,
  row: EngineRow,
  ours: EngineRow | undefined,
  isOurs: boolean,
): readonly string[] {
  const { engine, milliseconds, problem, relativeDifference } = row;
  const name = isOurs ? workload : '';
  const difference = relativeDifference === undefined ? '–' : relativeDifference.toExponential(1);
  if (problem || milliseconds.length === 0)
    return [name, engine, '–', '–', '–', '–', '–', difference, problem ? PROBLEM_WORDS[problem.kind] : ''];
  const time = spread(milliseconds);
  return [
    name,
    engine,
    digits(time.median),
    `${digits(time.min)} – ${digits(time.max)}`,
    flops === undefined ? '–' : digits(flops / time.median / 1e6),
    ...(isOurs ? ['', ''] : ratioCells(pairs(milliseconds, ours?.milliseconds ?? []))),
    difference,
    '',
  ];
}

/** Undefined where one of the two was not timed. */
const pairs = (values: readonly number[], baseline: readonly number[]): Spread | undefined =>
  values.length > 0 && baseline.length > 0 ? pairedRatio(values, baseline) : undefined;

const ratioCells = (ratio: Spread | undefined): readonly string[] =>
  ratio === undefined
    ? ['–', '–']
    : [ratio.median.toFixed(2), `${ratio.min.toFixed(2)} – ${ratio.max.toFixed(2)}`];

const digits = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

/** Which engines ran on what. */
function venueFacts({ venue }: VenueFacts, workloads: readonly WorkloadResult[]): readonly string[] {
  const facts = new Map<string, string>();
  for (const { engine, packageName = engine, version, adapter } of workloads.flatMap(({ rows }) => rows)) {
    if (version === undefined) continue;
    const where =
      adapter === undefined || adapter === ''
        ? `which does not tell its adapter${venue === 'node' ? ' (the Vulkan driver is given to it as to the others)' : ''}`
        : `on ${adapter}`;
    facts.set(engine, `${packageName} ${version}, ${where}`);
  }
  return [...facts.values()];
}

/** What was said of single rows. */
function remarks(workloads: readonly WorkloadResult[]): readonly string[] {
  return workloads.flatMap(({ workload, rows }) =>
    rows.flatMap(({ engine, remark, problem }) => {
      const text = problem?.message ?? remark;
      return text === undefined || text === '' ? [] : [`${workload}, ${engine}: ${text}`];
    }),
  );
}
