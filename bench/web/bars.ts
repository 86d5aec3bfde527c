/** A bar a case: how much of the peak its kernel reaches, the longest case first, with the figures as text. */
import { make } from '../../examples/web/shared/dom.ts';
import type { KernelResults } from '../kernels/results.ts';
import { byTime, measuredKernels, rateOf, type Measured } from './measured.ts';
import { percent, timing } from './units.ts';

/** A variant that is faster than the chosen kernel by more than what controls may differ is told. */
const FASTER = 0.97;

/** The fastest variant of the same case, where it beats the chosen kernel. */
function fasterThan(chosen: Measured, all: readonly Measured[]): Measured | undefined {
  const caseOf = ({ key }: Measured): string => key.split('\n')[0] ?? '';
  const [fastest] = all
    .filter((entry) => caseOf(entry) === caseOf(chosen))
    .sort((a, b) => a.time.median - b.time.median);
  return fastest && fastest.time.median < FASTER * chosen.time.median ? fastest : undefined;
}

/** Fills an empty list. */
export function showBars(list: HTMLElement, results: KernelResults): void {
  const all = measuredKernels(results);
  list.replaceChildren(header(), ...byTime(all).map((entry) => bar(entry, fasterThan(entry, all))));
}

/** What the columns are, where there is room for columns. */
function header(): HTMLElement {
  const axis = ['0', '50 %', '100 %'].map((text) => make('span', {}, text));
  const element = make(
    'li',
    { className: 'bars-header' },
    make('div', {}, 'Case and kernel'),
    make('div', { className: 'bars-axis' }, ...axis),
    make('div', { className: 'bar-share' }, 'of peak'),
    make('div', { className: 'bar-time' }, make('span', {}, 'median'), make('span', {}, 'min – max')),
    make('div', { className: 'bar-rate' }, 'rate'),
  );
  element.ariaHidden = 'true';
  return element;
}

function bar(entry: Measured, faster: Measured | undefined): HTMLElement {
  const { label, kernel, kind, time, shareOfPeak, noise } = entry;
  const { median, range } = timing(time);
  const fill = make('div', { className: `bar-fill kind-${kind}` });
  fill.style.width = widthOf(shareOfPeak);
  // From the share in the slowest round to that in the fastest one.
  const [low, high] = [time.max, time.min].map((edge) => Math.min(1, (shareOfPeak * time.median) / edge));
  const whisker = make('div', { className: 'bar-whisker' });
  whisker.style.left = widthOf(low ?? 0);
  whisker.style.width = widthOf((high ?? 0) - (low ?? 0));
  const track = make('div', { className: 'bar-track' }, fill, whisker);
  if (faster) {
    const tick = make('div', { className: 'bar-faster' });
    tick.style.left = widthOf(faster.shareOfPeak);
    track.append(tick);
  }
  track.setAttribute('aria-hidden', 'true');
  const remarks = [
    ...(noise === undefined ? [] : [`too noisy: the control reads ${noise.toFixed(2)}`]),
    ...(faster ? [`${faster.kernel} is ${(time.median / faster.time.median).toFixed(2)} times as fast`] : []),
  ];
  return make(
    'li',
    {},
    make(
      'div',
      { className: 'bar-name' },
      make('strong', {}, label),
      make('span', { className: 'mono' }, kernel),
      ...remarks.map((text) => make('span', { className: 'warning' }, text)),
    ),
    track,
    make('div', { className: 'bar-share' }, percent(shareOfPeak)),
    make('div', { className: 'bar-time' }, make('strong', {}, median), make('span', {}, range)),
    make('div', { className: 'bar-rate' }, rateOf(entry)),
  );
}

const widthOf = (share: number): string => `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%`;
