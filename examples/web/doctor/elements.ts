/** The pieces that the panels are made of. */
import type { Part } from 'unispeech-webgpu/doctor';
import { make } from '../shared/dom.ts';

/** A list of names and values; empty values are left out. */
export function facts(entries: readonly (readonly [name: string, value: string])[]): HTMLElement {
  const present = entries.filter(([, value]) => value !== '');
  return make(
    'dl',
    { className: 'facts' },
    ...present.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
  );
}

export interface Column {
  readonly title: string;
  /** Numbers stand right. */
  readonly isNumber?: boolean;
  /** Left out on phones. */
  readonly isExtra?: boolean;
}

/** A table that scrolls by itself where the page is too narrow. The first cell of a row is its heading. */
export function table(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly (Node | string)[])[],
): HTMLElement {
  const classOf = ({ isNumber, isExtra }: Column): string =>
    [isNumber && 'number', isExtra && 'wide-only'].filter(Boolean).join(' ');
  const head = columns.map((column) => {
    const cell = make('th', { className: classOf(column), scope: 'col' }, column.title);
    return cell;
  });
  const body = rows.map((row) =>
    make(
      'tr',
      {},
      ...row.map((content, index) => {
        const className = classOf(columns[index] ?? { title: '' });
        return index === 0
          ? make('th', { className, scope: 'row' }, content)
          : make('td', { className }, content);
      }),
    ),
  );
  const element = make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...body));
  element.setAttribute('aria-label', label);
  return make('div', { className: 'scroll-x' }, element);
}

/** The name of a kernel, which may be broken after its underscores. */
export const kernelName = (name: string): HTMLElement =>
  make(
    'span',
    { className: 'mono kernel-name' },
    ...name.split(/(?<=_)/).flatMap((part, index) => (index === 0 ? [part] : [make('wbr'), part])),
  );

/** A word of verdict with a sign and a colour. */
export const result = (isGood: boolean, text: string): HTMLElement =>
  make('span', { className: `result ${isGood ? 'yes' : 'no'}` }, `${isGood ? '✓' : '×'} ${text}`);

/** Fills a panel with a part of the report, or with why there is nothing. */
export function showPart<T>(place: HTMLElement, part: Part<T>, draw: (value: T) => readonly Node[]): void {
  switch (part.status) {
    case 'done':
    case 'running':
      place.replaceChildren(...draw(part.value));
      return;
    case 'pending':
      place.replaceChildren(make('p', { className: 'muted small' }, 'Looking …'));
      return;
    case 'skipped':
      place.replaceChildren(make('p', { className: 'muted small' }, part.reason));
      return;
    case 'failed': {
      const { message, fix } = part.error;
      place.replaceChildren(
        make('p', { className: 'no' }, message),
        ...(fix === undefined ? [] : [make('p', { className: 'muted small' }, fix)]),
      );
    }
  }
}
