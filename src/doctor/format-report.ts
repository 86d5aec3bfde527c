/** Formats the report as Markdown with aligned tables, so that it is readable as plain text, too. */
import type { SelfTestResult } from '../../kernels/self-test.ts';
import { markdownTable } from './markdown-table.ts';
import type {
  DeviceFacts,
  KernelTest,
  LimitRow,
  MachineReport,
  ModelFit,
  Part,
  StorageFacts,
} from './report.ts';

/** One part of the report in words. */
export interface ReportSection {
  readonly title: string;
  readonly body: string;
  /** Whether the part is complete: done, failed or skipped. */
  readonly isSettled: boolean;
}

/** The whole report, verdict first. */
export function formatReport(report: MachineReport): string {
  const { sentence, advice } = report.verdict;
  const sections = reportSections(report).map(({ title, body }) => `## ${title}\n\n${body}`);
  return (
    [
      `# unispeech-webgpu ${report.version}: will it run here?`,
      `**${sentence}**${advice === undefined ? '' : ` ${advice}`}`,
      ...sections,
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

/** Every part, in the order in which the examination finds them. */
export function reportSections(report: MachineReport): readonly ReportSection[] {
  return [
    section('Program', report.runtime, (runtime) =>
      list([
        ['Runs in', runtime.program],
        ['System', runtime.system || 'unknown'],
        ['Secure context', yesNo(runtime.isSecureContext)],
        ['Logical cores', String(runtime.logicalCoreCount ?? 'unknown')],
      ]),
    ),
    section('Storage', report.storage, formatStorage),
    section('Adapter', report.adapter, (adapter) =>
      list([
        ['Description', adapter.description || 'none given'],
        ['Vendor', adapter.vendor || 'unknown'],
        ['Architecture', adapter.architecture || 'unknown'],
        ['Device', adapter.device || 'unknown'],
        ['Computes on', adapter.isSoftware ? 'the processor (software adapter)' : 'a GPU'],
        ['Features', adapter.features.join(', ') || 'none'],
      ]),
    ),
    section('Device', report.device, formatDevice),
    section('Limits', report.limits, formatLimits),
    section('Models', report.models, formatModels),
    section('Kernels', report.kernels, formatKernels),
    section('Speed', report.speed, ({ gflopsPerSecond, secondsPerSecond }) =>
      list([
        ['Matrix products', `${gflopsPerSecond.toPrecision(3)} GFLOP/s`],
        ['Base model, estimated', `${secondsPerSecond.base.toPrecision(2)} s for each second of speech`],
        ['Large model, estimated', `${secondsPerSecond.large.toPrecision(2)} s for each second of speech`],
      ]),
    ),
  ];
}

function section<T>(title: string, part: Part<T>, format: (value: T) => string): ReportSection {
  switch (part.status) {
    case 'done':
      return { title, body: format(part.value), isSettled: true };
    case 'running':
      return { title, body: format(part.value), isSettled: false };
    case 'pending':
      return { title, body: 'Not examined yet.', isSettled: false };
    case 'skipped':
      return { title, body: `Skipped: ${part.reason}`, isSettled: true };
    case 'failed': {
      const { code, message, fix } = part.error;
      return {
        title,
        body: [`Failed (${code}): ${message}`, fix].filter(Boolean).join(' '),
        isSettled: true,
      };
    }
  }
}

const yesNo = (flag: boolean): string => (flag ? 'yes' : 'no');
const list = (entries: readonly (readonly [label: string, value: string])[]): string =>
  entries.map(([label, value]) => `- ${label}: ${value}`).join('\n');

/** `128 MiB`, `16 KiB`, `64`: limits are powers of two. */
function formatLimit(value: number, unit: LimitRow['unit']): string {
  if (unit === 'count' || value < 1024) return String(value);
  const [name, size] =
    value >= 2 ** 30 ? ['GiB', 2 ** 30] : value >= 2 ** 20 ? ['MiB', 2 ** 20] : ['KiB', 1024];
  return `${Number((value / size).toFixed(1))} ${name}`;
}

function formatStorage({ usage, quota, isPersistent, models }: StorageFacts): string {
  const size = (byteLength: number | undefined): string =>
    byteLength === undefined ? 'unknown' : formatLimit(byteLength, 'bytes');
  return list([
    ['Used', size(usage)],
    ['Quota', size(quota)],
    ['Persistent', isPersistent === undefined ? 'unknown' : yesNo(isPersistent)],
    ...models.map(({ location, byteLength, complete }): readonly [string, string] => [
      'Model',
      `${location}, ${size(byteLength)}${complete ? '' : ', not complete'}`,
    ]),
  ]);
}

const formatDevice = ({ features, subgroupSize, timestamps, tunedCount }: DeviceFacts): string =>
  list([
    ['Features in use', features.join(', ') || 'none'],
    ['Subgroup size', subgroupSize === null ? 'none fixed' : String(subgroupSize)],
    ['Timestamps', yesNo(timestamps)],
    [
      'Matrix products',
      tunedCount > 0
        ? `chosen by measurement in ${tunedCount} size classes`
        : 'static choices (nothing was measured here)',
    ],
  ]);

function formatLimits(rows: readonly LimitRow[]): string {
  const header = ['Limit', 'Found', 'Base needs', 'Large needs', 'Enough'];
  const body = rows.map(({ label, unit, found, needed, suffices }) => [
    label,
    formatLimit(found, unit),
    formatLimit(needed.base, unit),
    formatLimit(needed.large, unit),
    suffices.base && suffices.large ? 'yes' : suffices.base ? 'for base' : 'NO',
  ]);
  return markdownTable([header, ...body], [1, 2, 3]);
}

function formatModels(models: readonly ModelFit[]): string {
  const header = ['Model', 'Shape', 'Parameters', 'dtype', 'Weights', 'Longest clip in one piece'];
  const body = models.map((model) => [
    model.size,
    model.shape,
    `${(model.parameterCount / 1e6).toFixed(0)} M`,
    model.dtype,
    formatLimit(model.weightByteLength, 'bytes'),
    formatClipLength(model.longestClipSeconds),
  ]);
  const clips = models.flatMap(({ size, clips }) =>
    clips.map((clip) =>
      clip.status === 'done'
        ? `- ${size}, ${clip.value.seconds} s: ${clip.value.dispatchCount} dispatches, ` +
          `${formatLimit(clip.value.activationByteLength, 'bytes')} of activations, ` +
          clip.value.kernels.map((name) => `\`${name}\``).join(', ')
        : `- ${size}: ${clip.status === 'failed' ? clip.error.message : clip.status}`,
    ),
  );
  return `${markdownTable([header, ...body], [2, 4, 5])}\n\n${clips.join('\n')}`;
}

/** `3 min 38 s`, `42 s`, `an hour or more`. */
function formatClipLength(seconds: number): string {
  if (seconds >= 3600) return 'an hour or more';
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes} min ${String(seconds % 60).padStart(2, '0')} s` : `${seconds} s`;
}

function formatKernels({ names, results }: KernelTest): string {
  const wrong = results.filter(({ passed }) => !passed);
  const rows = names.map((name, index) => kernelRow(name, results[index]));
  const summary =
    results.length < names.length
      ? `${results.length} of ${names.length} tested.`
      : wrong.length === 0
        ? `All ${names.length} kernels agree with their references.`
        : `${wrong.length} of ${names.length} kernels give wrong results on this adapter.`;
  const errors = wrong.flatMap(({ name, error }) => (error === undefined ? [] : `- \`${name}\`: ${error}`));
  return [
    markdownTable([['Kernel', 'Result', 'Error', 'Time'], ...rows], [2, 3]),
    summary,
    ...(errors.length > 0 ? [errors.join('\n')] : []),
  ].join('\n\n');
}

function kernelRow(name: string, result: SelfTestResult | undefined): readonly string[] {
  if (result === undefined) return [name, 'not tested', '', ''];
  const { passed, error, nmse, milliseconds } = result;
  return [
    name,
    passed ? 'ok' : error === undefined ? 'WRONG' : 'FAILED',
    formatNmse(nmse),
    `${milliseconds.toFixed(0)} ms`,
  ];
}

/** Normalised mean squared error: `3.1e-14`. */
const formatNmse = (nmse: number): string => (Number.isNaN(nmse) ? '' : nmse.toExponential(1));
