/** Where the time went: stages of the work on the page, and kernels on the GPU as bars. */
import { make } from '../shared/dom.ts';
import { formatMilliseconds } from '../shared/format.ts';
import type { Audio } from './audio.ts';
import type { KernelTime, ShownTranscript } from './recognizer.ts';

export function showStages(
  place: HTMLElement,
  audio: Audio,
  transcript: ShownTranscript,
  loadMilliseconds: number,
): void {
  const { runMilliseconds } = transcript;
  const speed = (1000 * audio.seconds) / runMilliseconds;
  const rows: readonly (readonly [stage: string, time: string, note: string])[] = [
    [
      'Load model',
      loadMilliseconds > 0 ? formatMilliseconds(loadMilliseconds) : '–',
      loadMilliseconds > 0 ? 'shaders included' : 'already loaded',
    ],
    ['Decode audio', formatMilliseconds(audio.decodeMilliseconds), `${audio.seconds.toFixed(2)} s of sound`],
    ['Run model', formatMilliseconds(runMilliseconds), `${speed.toFixed(speed < 10 ? 1 : 0)} × real time`],
  ];
  place.replaceChildren(
    make(
      'tbody',
      {},
      ...rows.map(([stage, time, note]) => {
        const header = make('th', { scope: 'row' }, stage);
        const value = make('td', { className: 'number' }, time);
        return make('tr', {}, header, value, make('td', { className: 'muted small' }, note));
      }),
    ),
  );
}

/** One bar a kernel, as long as its share of the longest. */
export function showKernels(
  place: HTMLElement,
  { kernels, kernelsOfLastPiece, adapter }: ShownTranscript,
): void {
  if (!kernels) {
    const none = `This adapter (${adapter}) gives no GPU timestamps, so there are no times by kernel.`;
    place.replaceChildren(make('p', { className: 'muted' }, none));
    return;
  }
  const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const dispatchCount = kernels.reduce((sum, kernel) => sum + kernel.dispatchCount, 0);
  const summary =
    `${formatMilliseconds(total)} on ${adapter}, ${dispatchCount} dispatches` +
    `${kernelsOfLastPiece ? ' of the last piece of audio' : ''}. ` +
    'Browsers round GPU times to 0.1 ms, so short kernels may show as 0.';
  const longest = kernels[0]?.milliseconds ?? 0;
  place.replaceChildren(
    make('p', { className: 'muted small' }, summary),
    make('ol', { className: 'bars' }, ...kernels.map((kernel) => kernelBar(kernel, longest, total))),
  );
}

function kernelBar(
  { kernel, dispatchCount, milliseconds }: KernelTime,
  longest: number,
  total: number,
): HTMLLIElement {
  const bar = make('span', { className: 'bar' });
  bar.style.width = `${longest > 0 ? (100 * milliseconds) / longest : 0}%`;
  const share = total > 0 ? (100 * milliseconds) / total : 0;
  return make(
    'li',
    {},
    make(
      'span',
      { className: 'bar-name mono' },
      kernel,
      make('span', { className: 'muted' }, ` × ${dispatchCount}`),
    ),
    make('span', { className: 'bar-track' }, bar),
    make('span', { className: 'bar-value' }, `${milliseconds.toFixed(1)} ms`),
    make('span', { className: 'bar-share muted' }, `${share.toFixed(0)} %`),
  );
}
