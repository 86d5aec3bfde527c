/**
 * Colour maps of equal steps to the eye: straight lines in the OKLab colour space (Ottosson 2020), whose distances follow
 * perception, with lightness changing evenly from stop to stop.
 */

/** Lightness in [0, 1], chroma, hue in degrees. */
type Oklch = readonly [lightness: number, chroma: number, hue: number];

const SEQUENTIAL: Readonly<Record<'light' | 'dark', readonly Oklch[]>> = {
  light: [
    [1, 0, 275],
    [0.65, 0.15, 275],
    [0.3, 0.14, 280],
  ],
  dark: [
    [0.22, 0.015, 275],
    [0.56, 0.18, 330],
    [0.9, 0.13, 85],
  ],
};

/** Both ends are equally far from the middle, which is the page's own colour for nothing. */
const DIVERGING: Readonly<Record<'light' | 'dark', readonly Oklch[]>> = {
  light: [
    [0.42, 0.15, 262],
    [0.7, 0.12, 255],
    [0.98, 0.003, 255],
    [0.7, 0.13, 50],
    [0.42, 0.12, 40],
  ],
  dark: [
    [0.82, 0.1, 230],
    [0.53, 0.14, 255],
    [0.24, 0.01, 270],
    [0.53, 0.14, 40],
    [0.82, 0.13, 75],
  ],
};

/** 256 colours, three bytes each: index `round(255 · value) · 3` for a value in [0, 1]. */
export const sequentialMap = (isDark: boolean): Uint8Array => mapOf(SEQUENTIAL[isDark ? 'dark' : 'light']);

/** As `sequentialMap`; 0.5 is the middle. */
export const divergingMap = (isDark: boolean): Uint8Array => mapOf(DIVERGING[isDark ? 'dark' : 'light']);

/** A CSS gradient of the map, for a legend. */
export function gradientOf(map: Uint8Array): string {
  const stops = Array.from({ length: 17 }, (_, i) => {
    const at = 3 * Math.round((i / 16) * 255);
    return `rgb(${[...map.subarray(at, at + 3)].join(' ')})`;
  });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

function mapOf(stops: readonly Oklch[]): Uint8Array {
  const points = stops.map(toOklab);
  const map = new Uint8Array(256 * 3);
  for (let index = 0; index < 256; index++) {
    const position = (index / 255) * (points.length - 1);
    const low = Math.min(Math.floor(position), points.length - 2);
    const [from = [0, 0, 0], to = [0, 0, 0]] = points.slice(low);
    const share = position - low;
    const mixed = ([0, 1, 2] as const).map((axis) => from[axis] + (to[axis] - from[axis]) * share);
    map.set(toBytes(mixed), 3 * index);
  }
  return map;
}

function toOklab([lightness, chroma, hue]: Oklch): readonly [number, number, number] {
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

/** OKLab → linear sRGB → sRGB bytes. */
function toBytes([lightness = 0, a = 0, b = 0]: readonly number[]): readonly number[] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((value) => {
    const clamped = Math.min(1, Math.max(0, value));
    const encoded = clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055;
    return Math.round(255 * encoded);
  });
}
