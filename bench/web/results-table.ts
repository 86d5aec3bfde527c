/** All measurements as a table, with one row per kernel. Rows of a case are together. */
import { make } from '../../examples/web/shared/dom.ts';
import { controlRatio, isNoisy, rowFigures } from '../kernels/figures.ts';
import { digits } from '../kernels/report.ts';
import type { CaseRows, KernelResults, KernelRow } from '../kernels/results.ts';

const COLUMNS = ['Case', 'Kernel', 'ms', 'min – max', 'GFLOP/s', 'GB/s', 'op/byte', '% of peak', 'Control'];
/** From this column on there are numbers. */
const FIRST_NUMBER = 2;

/** Fills an empty `<table>`. */
export function showTable(table: HTMLTableElement, results: KernelResults): void {
  const head = COLUMNS.map((title, index) =>
    make('th', { scope: 'col', className: index >= FIRST_NUMBER ? 'number' : '' }, title),
  );
  table.replaceChildren(
    make('thead', {}, make('tr', {}, ...head)),
    ...results.cases.map((rows) =>
      make('tbody', {}, ...rows.rows.map((row, index) => tableRow(rows, row, index === 0, results))),
    ),
  );
}

function tableRow(
  rows: CaseRows,
  row: KernelRow,
  isFirst: boolean,
  { peak }: KernelResults,
): HTMLTableRowElement {
  const figures = rowFigures(rows, row, peak);
  const name = make(
    'th',
    { scope: 'row' },
    isFirst ? rows.name : make('span', { className: 'visually-hidden' }, rows.name),
  );
  const kernel = make('td', { className: 'mono' }, row.kernel);
  if (row.isChosen) kernel.append(make('span', { className: 'chosen-mark' }, 'chosen'));
  const element = make('tr', { className: row.isChosen ? 'is-chosen' : '' }, name, kernel);
  if (figures === undefined) {
    const reason = make(
      'td',
      { colSpan: COLUMNS.length - FIRST_NUMBER, className: row.fault === undefined ? 'muted' : 'fault' },
      row.fault ?? row.skipped ?? 'not timed',
    );
    element.append(reason);
    return element;
  }
  const { time, gflopsPerSecond, gigabytesPerSecond, shareOfPeak } = figures;
  const control = isFirst ? controlRatio(rows) : undefined;
  const numbers = [
    digits(time.median),
    `${digits(time.min)} – ${digits(time.max)}`,
    rows.flops > 0 ? digits(gflopsPerSecond) : '–',
    digits(gigabytesPerSecond),
    rows.flops > 0 ? digits(rows.flops / rows.byteCount) : '–',
    (100 * shareOfPeak).toFixed(0),
    control === undefined ? '' : control.toFixed(2),
  ];
  element.append(...numbers.map((text) => make('td', { className: 'number' }, text)));
  if (control !== undefined && isNoisy(rows)) element.lastElementChild?.classList.add('warning');
  return element;
}
