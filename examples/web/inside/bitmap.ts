/** Matrices as bitmaps of one pixel a value, and the legend of their colours. */
import { make } from '../shared/dom.ts';
import { gradientOf } from './palette.ts';

/**
 * @param values `[rowCount, columnCount]`, row-major, in [0, 1]; others are clamped.
 * @param map 256 colours, three bytes each.
 */
export function toBitmap(
  values: Float32Array,
  rowCount: number,
  columnCount: number,
  map: Uint8Array,
): HTMLCanvasElement {
  const image = new ImageData(columnCount, rowCount);
  const { data } = image;
  for (let index = 0; index < values.length; index++) {
    const color = 3 * Math.round(255 * Math.min(1, Math.max(0, values[index] ?? 0)));
    const pixel = 4 * index;
    data[pixel] = map[color] ?? 0;
    data[pixel + 1] = map[color + 1] ?? 0;
    data[pixel + 2] = map[color + 2] ?? 0;
    data[pixel + 3] = 255;
  }
  const bitmap = make('canvas', { width: columnCount, height: rowCount });
  bitmap.getContext('2d')?.putImageData(image, 0, 0);
  return bitmap;
}

/** A bar of the colours with texts at even distances under it. */
export function showLegend(place: HTMLElement, map: Uint8Array, ticks: readonly string[]): void {
  const bar = make('div', { className: 'legend-bar' });
  bar.style.background = gradientOf(map);
  place.replaceChildren(
    bar,
    make('div', { className: 'legend-ticks' }, ...ticks.map((tick) => make('span', {}, tick))),
  );
}
