/** Shows what a model is and takes, before it is downloaded. */
import { describeSummary, type ModelSummary } from 'unispeech-webgpu/doctor';
import { make } from './dom.ts';

export function showModel(place: HTMLElement, summary: ModelSummary): void {
  const { level, verdict, rows } = describeSummary(summary);
  const color = { yes: 'yes', no: 'no', unknown: 'muted' }[level];
  place.replaceChildren(
    make('p', { className: `model-verdict ${color}` }, verdict),
    make(
      'dl',
      { className: 'facts' },
      ...rows.flatMap(([label, value]) => [make('dt', {}, label), make('dd', {}, value)]),
    ),
  );
}
