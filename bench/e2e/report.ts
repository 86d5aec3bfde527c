/** Tables of the results, for a terminal or for `RESULTS.md`. */
import { formatTable } from '../../src/cli/table.ts';
import { markdownTable } from '../lib/markdown.ts';
import { median, pairedRatio, spread, type Spread } from '../lib/statistics.ts';
import { kernelShares } from '../../src/profile/kernel-shares.ts';
import type { CaseResult, EngineResult, FirstRun, E2eResults } from './results.ts';

/** Two processes of one engine must agree this closely, or no other ratio of the run can be trusted. */
const CONTROL_TOLERANCE = 0.05;

interface Section {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
  readonly rightAligned: readonly number[];
}

export function formatReport(results: E2eResults, markdown: boolean): string {
  const sections = [engineSection(results), ratioSection(results), kernelSection(results)];
  const tables = sections
    .filter(({ rows }) => rows.length > 1)
    .map(({ title, rows, rightAligned }) =>
      markdown
        ? `### ${title}\n\n${markdownTable(rows, rightAligned)}`
        : `${title}\n${formatTable(rows, rightAligned)}`,
    );
  const facts = [...environmentLines(results), ...results.notes];
  const head = markdown
    ? `## Whole models\n\n\`${results.command}\`\n\n${facts.map((line) => `- ${line}`).join('\n')}`
    : facts.join('\n');
  return `${[head, ...tables].join('\n\n')}\n`;
}

/** Whether every control row reads 1.00 within the tolerance. */
export const isQuiet = (results: E2eResults): boolean =>
  results.cases.every((result) => isControlQuiet(result));

const controlRatio = ({ controlMilliseconds, ours }: CaseResult): Spread =>
  pairedRatio(controlMilliseconds, ours.steadyMilliseconds);

const isControlQuiet = (result: CaseResult): boolean =>
  Math.abs(controlRatio(result).median - 1) <= CONTROL_TOLERANCE;

function environmentLines({ environment, peer, dtype }: E2eResults): string[] {
  const { adapter, cpu, coreCount, memoryGiB, system, node, dawn, date, commit } = environment;
  const placements = (peer?.placements ?? []).map(
    ({ model, webgpuNodeCount, otherNodeCount, otherOperators, largestOtherByteLength }) =>
      `${model}: ${webgpuNodeCount} nodes on WebGPU, ${otherNodeCount} elsewhere` +
      (otherNodeCount > 0
        ? ` (shapes only, at most ${largestOtherByteLength} bytes: ${otherOperators.join(', ')})`
        : ''),
  );
  return [
    `Adapter: ${adapter}`,
    `Machine: ${cpu}, ${coreCount} cores, ${memoryGiB} GiB; ${system}`,
    `Node ${node}, Dawn (npm webgpu) ${dawn}, ${date}${commit === undefined ? '' : `, commit ${commit}`}`,
    ...(dtype === 'fp32' ? [] : [`Weights of unispeech-webgpu: ${dtype}, made while loading`]),
    ...(peer ? [`Peer: ${peer.name} ${peer.version}, WebGPU provider. ${placements.join('; ')}`] : []),
  ];
}

function engineSection({ cases, isSoftwareAdapter }: E2eResults): Section {
  const header = [
    'model',
    'audio s',
    'engine',
    'load ms',
    'first run ms',
    'steady ms',
    'min – max',
    'GFLOP/s',
    'encode ms',
    'peak MB',
    'loading + MB',
    'running + MB',
  ];
  const row = (
    result: CaseResult,
    { engine, firstRuns, steadyMilliseconds, encodeMilliseconds }: EngineResult,
  ) => {
    const steady = spread(steadyMilliseconds);
    const first = (value: (run: FirstRun) => number): number => median(firstRuns.map(value));
    const onDevice = (run: FirstRun): number =>
      run.baselineByteLength + (isSoftwareAdapter ? run.weightByteLength : 0);
    return [
      result.model,
      String(result.seconds),
      engine,
      milliseconds(first((run) => run.loadMilliseconds)),
      milliseconds(first((run) => run.runMilliseconds)),
      milliseconds(steady.median),
      `${milliseconds(steady.min)} – ${milliseconds(steady.max)}`,
      (result.flops / steady.median / 1e6).toFixed(1),
      encodeMilliseconds.length > 0 ? median(encodeMilliseconds).toFixed(2) : '–',
      megabytes(first((run) => run.peakByteLength)),
      megabytes(first((run) => run.loadPeakByteLength - onDevice(run))),
      megabytes(first((run) => run.peakByteLength - onDevice(run))),
    ];
  };
  const rows = cases.flatMap((result) =>
    [result.ours, ...(result.peer ? [result.peer] : [])].map((engine) => row(result, engine)),
  );
  return { title: 'Engines', rows: [header, ...rows], rightAligned: [1, 3, 4, 5, 6, 7, 8, 9, 10, 11] };
}

function ratioSection({ cases }: E2eResults): Section {
  const header = ['model', 'audio s', 'ratio of times', 'median', 'min – max', ''];
  const rows = cases.flatMap((result) => {
    const { ours, peer, peerRelativeDifference, beside } = result;
    const row = (what: string, { median, min, max }: Spread, remark: string): string[] => [
      result.model,
      String(result.seconds),
      what,
      median.toFixed(2),
      `${min.toFixed(2)} – ${max.toFixed(2)}`,
      remark,
    ];
    const peerRows = (peer: EngineResult): string[][] => {
      const firstRuns = (value: (run: FirstRun) => number): Spread =>
        pairedRatio(peer.firstRuns.map(value), ours.firstRuns.map(value));
      const pair = `${peer.engine} / ${ours.engine}`;
      const difference = `logits differ by ${(peerRelativeDifference ?? NaN).toExponential(1)}`;
      return [
        row(`${pair}, steady`, pairedRatio(peer.steadyMilliseconds, ours.steadyMilliseconds), difference),
        row(
          `${pair}, first run`,
          firstRuns((run) => run.runMilliseconds),
          '',
        ),
        row(
          `${pair}, load + first run`,
          firstRuns((run) => run.loadMilliseconds + run.runMilliseconds),
          '',
        ),
      ];
    };
    return [
      ...(peer ? peerRows(peer) : []),
      ...beside.map(({ what, bar, milliseconds }) => {
        const ratio = pairedRatio(ours.steadyMilliseconds, milliseconds);
        const remark =
          bar === undefined ? '' : `${ratio.median <= bar ? 'at most' : 'MORE THAN'} ${bar.toFixed(2)}`;
        return row(`ours / ${what}`, ratio, remark);
      }),
      row('control: ours / ours', controlRatio(result), isControlQuiet(result) ? 'quiet' : 'TOO NOISY'),
    ];
  });
  return { title: 'Ratios, round by round', rows: [header, ...rows], rightAligned: [1, 3, 4] };
}

function kernelSection({ cases }: E2eResults): Section {
  const header = ['model', 'audio s', 'kernel', 'steps', 'ms', 'share', 'GFLOP/s'];
  const rows = cases.flatMap(({ model, seconds, steps }) =>
    kernelShares(steps).map(({ kernel, stepCount, nanoseconds, share, flops }) => [
      model,
      String(seconds),
      kernel,
      String(stepCount),
      (nanoseconds / 1e6).toFixed(1),
      `${(100 * share).toFixed(1)} %`,
      flops > 0 && nanoseconds > 0 ? (flops / nanoseconds).toFixed(1) : '–',
    ]),
  );
  return {
    title: 'GPU time of one run of unispeech-webgpu by kernel',
    rows: [header, ...rows],
    rightAligned: [1, 3, 4, 5, 6],
  };
}

const milliseconds = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
const megabytes = (byteLength: number): string => (byteLength / 1e6).toFixed(0);
