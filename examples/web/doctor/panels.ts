/** What each panel of the page shows of its part of the report. */
import type {
  AdapterFacts,
  DeviceFacts,
  KernelTest,
  LimitRow,
  ModelFit,
  RuntimeFacts,
  SelfTestResult,
  SpeedFacts,
  StorageFacts,
} from 'unispeech-webgpu/doctor';
import { make } from '../shared/dom.ts';
import { formatBytes, formatMilliseconds } from '../shared/format.ts';
import { facts, kernelName, result, table } from './elements.ts';
import { formatBinary, formatError, purposeOf } from './format.ts';

export const adapterPanel = (adapter: AdapterFacts): readonly Node[] => [
  facts([
    [
      'Name',
      adapter.description ||
        [adapter.vendor, adapter.architecture, adapter.device].filter(Boolean).join(' ') ||
        'unknown',
    ],
    ['Vendor', adapter.vendor],
    ['Architecture', adapter.architecture],
    ['Device', adapter.device],
    ['Computes on', adapter.isSoftware ? 'the processor (software adapter)' : 'a GPU'],
  ]),
];

/** The features that the engine has a use for. */
export function featuresPanel(adapter: AdapterFacts, device: DeviceFacts | undefined): readonly Node[] {
  const width = device?.subgroupSize;
  const uses: readonly (readonly [feature: string, use: string])[] = [
    [
      'subgroups',
      typeof width === 'number'
        ? `used: ${width} lanes each`
        : 'used where the width is fixed; there are kernels without',
    ],
    ['shader-f16', 'half precision in shaders; not needed for fp32'],
    ['timestamp-query', 'times of each kernel; only for reports'],
  ];
  const items = uses.map(([feature, use]) => {
    const has = adapter.features.includes(feature);
    const mark = make('span', { className: has ? 'yes' : 'muted' }, has ? '✓' : '–');
    return make(
      'li',
      {},
      mark,
      make(
        'span',
        {},
        make('span', { className: 'mono' }, feature),
        make('span', { className: 'muted' }, has ? `: ${use}` : ': not there, and not needed'),
      ),
    );
  });
  const others = adapter.features.filter((feature) => uses.every(([used]) => used !== feature));
  return [
    make('ul', { className: 'features' }, ...items),
    make(
      'details',
      { className: 'more small' },
      make('summary', {}, `${others.length} more that the engine has no use for`),
      make('p', { className: 'muted' }, others.join(', ')),
    ),
  ];
}

export function limitsPanel(rows: readonly LimitRow[]): readonly Node[] {
  const size = (value: number, { unit }: LimitRow): string =>
    unit === 'bytes' ? formatBinary(value) : value.toLocaleString('en');
  return [
    table(
      'Limits',
      [
        { title: 'Limit' },
        { title: 'Found', isNumber: true },
        { title: 'Base needs', isNumber: true },
        { title: 'Large needs', isNumber: true, isExtra: true },
        { title: 'Enough' },
      ],
      rows.map((row) => [
        row.label,
        size(row.found, row),
        size(row.needed.base, row),
        size(row.needed.large, row),
        row.suffices.base && row.suffices.large
          ? result(true, 'yes')
          : result(false, row.suffices.base ? 'for base only' : 'no'),
      ]),
    ),
  ];
}

export const modelsPanel = (models: readonly ModelFit[], speed: SpeedFacts | undefined): readonly Node[] => [
  make('div', { className: 'models' }, ...models.map((model) => modelCard(model, speed))),
];

function modelCard(model: ModelFit, speed: SpeedFacts | undefined): Node {
  const { size, shape, parameterCount, dtype, weightByteLength, longestClipSeconds } = model;
  const cost = speed?.secondsPerSecond[size];
  const isHourOrMore = longestClipSeconds >= 3600;
  const plans = model.clips.flatMap((clip) => (clip.status === 'done' ? clip.value : []));
  const failures = model.clips.flatMap((clip) => (clip.status === 'failed' ? clip.error.message : []));
  const kernels = [...new Set(plans.flatMap((plan) => plan.kernels))].sort();
  const lengthsOf = (kernel: string): string =>
    plans.every((plan) => plan.kernels.includes(kernel))
      ? ''
      : ` (${plans
          .filter((plan) => plan.kernels.includes(kernel))
          .map(({ seconds }) => `${seconds} s`)
          .join(', ')})`;
  return make(
    'div',
    { className: 'model' },
    make(
      'h3',
      {},
      size === 'base' ? 'Base' : 'Large',
      make('span', { className: 'muted' }, ` ${shape}, ${(parameterCount / 1e6).toFixed(0)} M parameters`),
    ),
    facts([
      ['Precision', dtype],
      ['Weights', `${formatBytes(weightByteLength)} of GPU memory`],
      ...plans.map((plan): readonly [string, string] => [
        `${plan.seconds} s of audio`,
        `${plan.dispatchCount} dispatches, ${formatBytes(plan.activationByteLength)} beside the weights`,
      ]),
      [
        'Longest clip',
        `${isHourOrMore ? 'an hour or more' : formatMilliseconds(1000 * longestClipSeconds)} in one piece; more in chunks`,
      ],
      [
        'Speed, estimated',
        cost === undefined ? 'measured last' : `${formatMilliseconds(1000 * cost)} for each second of speech`,
      ],
    ]),
    ...failures.map((message) => make('p', { className: 'no' }, message)),
    make(
      'ul',
      { className: 'variants', ariaLabel: `Kernels of a ${size} model` },
      ...kernels.map((kernel) => make('li', {}, kernelName(kernel), lengthsOf(kernel))),
    ),
  );
}

export function kernelsPanel({ names, results }: KernelTest): readonly Node[] {
  return [
    table(
      'Self-test of the kernels',
      [
        { title: 'Kernel' },
        { title: 'Computes', isExtra: true },
        { title: 'Result' },
        { title: 'Error', isNumber: true },
        { title: 'Time', isNumber: true },
      ],
      names.map((name, index) => kernelRow(name, results[index])),
    ),
  ];
}

function kernelRow(name: string, test: SelfTestResult | undefined): readonly (Node | string)[] {
  const title = kernelName(name);
  if (test === undefined) return [title, purposeOf(name), make('span', { className: 'muted' }, '…'), '', ''];
  const verdict = result(
    test.passed,
    test.passed ? 'correct' : test.error === undefined ? 'wrong' : 'failed',
  );
  if (test.error !== undefined) title.append(make('span', { className: 'no small' }, test.error));
  return [title, purposeOf(name), verdict, formatError(test.nmse), formatMilliseconds(test.milliseconds)];
}

/** One line over the table. */
export function kernelsSummary({ names, results }: KernelTest): string {
  const wrong = results.filter(({ passed }) => !passed).length;
  if (results.length < names.length) return `${results.length} of ${names.length} tested …`;
  return wrong === 0 ? `All ${names.length} correct` : `${wrong} of ${names.length} wrong`;
}

export const programPanel = (runtime: RuntimeFacts): readonly Node[] => [
  facts([
    ['User agent', runtime.program],
    ['System', runtime.system],
    ['Secure page', runtime.isSecureContext ? 'yes' : 'no, so there is no WebGPU'],
    ['Logical cores', runtime.logicalCoreCount === undefined ? '' : String(runtime.logicalCoreCount)],
  ]),
];

export const storagePanel = ({ usage, quota, isPersistent, models }: StorageFacts): readonly Node[] => [
  facts([
    ['Used', usage === undefined ? 'unknown' : formatBytes(usage)],
    ['May be used', quota === undefined ? 'unknown' : formatBytes(quota)],
    ['Kept for good', isPersistent ? 'yes' : 'no: the browser may clear it when space is short'],
    ['Models', models.length === 0 ? 'none yet' : ''],
    ...models.map(({ location, byteLength, complete }): readonly [string, string] => [
      'Model',
      `${location} (${formatBytes(byteLength)}${complete ? '' : ', not complete'})`,
    ]),
  ]),
];
