/** The head of the results: which adapter, its two peaks, and whether the figures are to be believed. */
import { make } from '../../examples/web/shared/dom.ts';
import { controlRatio, faultsOf } from '../kernels/figures.ts';
import { complaints, describeClock, digits } from '../kernels/report.ts';
import type { KernelResults } from '../kernels/results.ts';
import { measuredKernels, shareOfAll } from './measured.ts';
import { percent, rate, type Quantity } from './units.ts';

export function showSummary(place: HTMLElement, results: KernelResults): void {
  const { environment, peak } = results;
  const balance = digits(peak.flopsPerSecond / peak.bytesPerSecond);
  place.replaceChildren(
    make(
      'div',
      {},
      make('h2', { className: 'adapter' }, environment.description || environment.adapter),
      make('p', { className: 'muted small' }, factsLine(results)),
    ),
    make(
      'dl',
      { className: 'tiles' },
      ...tile('Multiply-add', rate(peak.flopsPerSecond / 1e9, 'FLOP/s')),
      ...tile('Copy', rate(peak.bytesPerSecond / 1e9, 'B/s')),
      ...tile('Balance', { value: balance, unit: 'operations a byte' }),
      ...shareTile(results),
      ...controlTile(results),
    ),
    ...verdict(results),
  );
}

function factsLine({ environment, clock, ...results }: KernelResults): string {
  const { adapter, description, isSoftwareAdapter, subgroupSize } = environment;
  return [
    ...(description === '' || description === adapter ? [] : [adapter]),
    ...(isSoftwareAdapter ? ['software adapter: the processor computes'] : []),
    ...(subgroupSize === undefined ? ['no subgroups of one size'] : [`subgroups of ${subgroupSize}`]),
    `clock: ${describeClock({ environment, clock, ...results })}`,
    `unispeech-webgpu ${results.version}`,
  ].join(' · ');
}

function tile(title: string, { value, unit }: Quantity): readonly Node[] {
  return [
    make(
      'div',
      {},
      make('dt', {}, title),
      make('dd', {}, make('strong', {}, value), make('span', {}, ` ${unit}`)),
    ),
  ];
}

function shareTile(results: KernelResults): readonly Node[] {
  const share = shareOfAll(measuredKernels(results));
  return share === undefined
    ? []
    : tile('All cases together', { value: percent(share), unit: 'of the peak' });
}

function controlTile({ cases }: KernelResults): readonly Node[] {
  const ratios = cases.flatMap((rows) => controlRatio(rows) ?? []);
  if (ratios.length === 0) return [];
  const ends = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
  return tile('Controls', { value: [...new Set(ends)].join(' – '), unit: 'wanted: 1.00 ± 0.03' });
}

/** More are left to the table. */
const MAX_FAULTS = 4;

/** What must be known before a figure is quoted. */
function verdict(results: KernelResults): readonly Node[] {
  const wrongCount = faultsOf(results).length;
  const timedCount = results.cases
    .flatMap(({ rows }) => rows)
    .filter(({ milliseconds }) => milliseconds.length > 0).length;
  if (wrongCount + timedCount === 0) return [];
  const problems = complaints(results);
  const [faults, noise] = [problems.slice(0, wrongCount), problems.slice(wrongCount)];
  const moreCount = wrongCount - MAX_FAULTS;
  const line = (level: string, text: string): Node => make('li', { className: level }, text);
  return [
    make(
      'ul',
      { className: 'verdicts' },
      ...faults.slice(0, MAX_FAULTS).map((text) => line('bad', text)),
      ...(moreCount > 0 ? [line('bad', `${moreCount} more are named in the table below.`)] : []),
      ...(timedCount > 0
        ? [line('good', `${timedCount} rows timed, each after its kernel agreed with its reference.`)]
        : []),
      ...(noise.length > 0
        ? noise.map((text) => line('doubtful', text))
        : [line('good', 'Quiet: every control reads 1.00 ± 0.03.')]),
    ),
  ];
}
