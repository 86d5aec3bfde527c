/** Heat colours for spectrograms and matrices: from the panel's own colour for nothing to a strong one for much. */

type Rgb = readonly [red: number, green: number, blue: number];

/** Evenly spaced stops; lightness changes in one direction only, so that order is seen in grey, too. */
const LIGHT: readonly Rgb[] = [
  [255, 255, 255],
  [214, 223, 250],
  [139, 158, 236],
  [72, 84, 190],
  [34, 26, 92],
];
const DARK: readonly Rgb[] = [
  [16, 18, 24],
  [43, 40, 110],
  [120, 64, 170],
  [232, 118, 120],
  [255, 226, 160],
];

/** 256 colours, three bytes each: index `round(255 · value) · 3` for a value in [0, 1]. */
export function colorMap(isDark: boolean): Uint8Array {
  const stops = isDark ? DARK : LIGHT;
  const map = new Uint8Array(256 * 3);
  for (let index = 0; index < 256; index++) {
    const position = (index / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(position), stops.length - 2);
    for (const channel of [0, 1, 2] as const) {
      const from = stops[low]?.[channel] ?? 0;
      const to = stops[low + 1]?.[channel] ?? 0;
      map[3 * index + channel] = Math.round(from + (to - from) * (position - low));
    }
  }
  return map;
}

/**
 * Paints a matrix as an image of one pixel a value.
 * @param values `[rowCount, columnCount]`, row-major, in [0, 1]; others are clamped.
 */
export function paintMatrix(
  values: Float32Array,
  rowCount: number,
  columnCount: number,
  map: Uint8Array,
): ImageData {
  const image = new ImageData(columnCount, rowCount);
  for (let index = 0; index < values.length; index++) {
    const color = 3 * Math.round(255 * Math.min(1, Math.max(0, values[index] ?? 0)));
    image.data.set([map[color] ?? 0, map[color + 1] ?? 0, map[color + 2] ?? 0, 255], 4 * index);
  }
  return image;
}
