/** Where everything of a roofline plot lies: axes, roofs, marks, and the labels for which there is room. Pure. */
import type { Peak } from '../kernels/peak.ts';
import { byTime, type Measured } from './measured.ts';
import { logScale, logTicks, type LogScale, type Tick } from './scale.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface Mark extends Point {
  readonly entry: Measured;
  /** The roof above it. */
  readonly roofY: number;
}

export interface PointLabel {
  readonly text: string;
  readonly box: Box;
}

/** A line under the roofs where a share of the peak is reached. */
export interface Guide {
  readonly share: number;
  readonly points: readonly [Point, Point, Point];
}

export interface RooflineLayout {
  readonly frame: Box;
  readonly x: LogScale;
  readonly y: LogScale;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  readonly yUnit: string;
  /** Left end of the slope, ridge, right end of the ceiling. */
  readonly roof: readonly [Point, Point, Point];
  readonly guides: readonly Guide[];
  /** Variants first, so that chosen kernels lie above them; within both by intensity. */
  readonly marks: readonly Mark[];
  readonly labels: readonly PointLabel[];
}

export interface PlotSize {
  readonly width: number;
  readonly height: number;
}

const MARGIN = { left: 46, right: 14, top: 30, bottom: 44 };
export const LABEL_HEIGHT = 15;
const GUIDES = [0.5, 0.1];
const ROOF_LABEL_WIDTH = 170;
/** Marks that are this near cannot be told apart. */
const SAME_SPOT = 6;

export function layOutRoofline(
  all: readonly Measured[],
  peak: Peak,
  { width, height }: PlotSize,
  widthOfText: (text: string) => number,
): RooflineLayout {
  // What computes nothing has no place on logarithmic axes.
  const shown = all.filter(({ intensity }) => intensity > 0);
  const isTera = peak.flopsPerSecond >= 1e13;
  const frame = {
    x: MARGIN.left,
    y: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
  };
  const ceiling = peak.flopsPerSecond / 1e9;
  const slope = peak.bytesPerSecond / 1e9;
  const ridge = ceiling / slope;
  const intensities = [...shown.map(({ intensity }) => intensity), ridge];
  const rates = shown.map(({ gflopsPerSecond }) => gflopsPerSecond);
  const x = logScale(
    Math.min(...intensities) / 2,
    Math.max(...intensities, 8 * ridge) * 2,
    frame.x,
    frame.x + frame.width,
  );
  const y = logScale(
    Math.min(...rates, ceiling / 50) / 1.5,
    Math.max(...rates, ceiling) * 1.6,
    frame.y + frame.height,
    frame.y,
  );
  const roofAt = (intensity: number): number => Math.min(ceiling, intensity * slope);
  const marks = [...shown]
    .sort((a, b) => Number(a.isChosen) - Number(b.isChosen) || a.intensity - b.intensity)
    .map((entry) => ({
      entry,
      x: x.at(entry.intensity),
      y: y.at(entry.gflopsPerSecond),
      roofY: y.at(roofAt(entry.intensity)),
    }));
  const lineAt = (share: number): [Point, Point, Point] => {
    // Where the slope comes into the plot: at its left edge, or through its lower one.
    const start = Math.max(x.min, y.min / (share * slope));
    return [start, ridge, x.max].map((intensity) => ({
      x: x.at(intensity),
      y: y.at(share * roofAt(intensity)),
    })) as [Point, Point, Point];
  };
  const roof = lineAt(1);
  const guides = GUIDES.map((share) => ({ share, points: lineAt(share) })).filter(
    ({ points: [, , end] }) => end.y < frame.y + frame.height,
  );
  return {
    frame,
    x,
    y,
    xTicks: logTicks(x, frame.width / 44),
    yTicks: logTicks(y, frame.height / 26, isTera ? 1000 : 1),
    yUnit: isTera ? 'TFLOP/s' : 'GFLOP/s',
    roof,
    guides,
    marks,
    labels: placeLabels(marks, frame, { roof, guides }, widthOfText),
  };
}

/** Labels for the kernels that take longest, as far as they cover neither each other nor a mark nor a roof. */
function placeLabels(
  marks: readonly Mark[],
  frame: Box,
  { roof, guides }: Pick<RooflineLayout, 'roof' | 'guides'>,
  widthOfText: (text: string) => number,
): readonly PointLabel[] {
  const [, , roofEnd] = roof;
  const taken: Box[] = [
    ...marks.map((mark) => around(mark, mark.entry.isChosen ? 6 : 4)),
    ...alongLine(roof),
    { x: roofEnd.x - ROOF_LABEL_WIDTH, y: roofEnd.y - 24, width: ROOF_LABEL_WIDTH, height: 24 },
    ...guides.map(({ points: [, , { x, y }] }) => ({ x: x - 40, y: y - 18, width: 40, height: 18 })),
  ];
  const markOf = new Map(marks.map((mark) => [mark.entry, mark]));
  const labels: PointLabel[] = [];
  for (const entry of byTime(marks.map(({ entry }) => entry))) {
    const mark = markOf.get(entry);
    if (!mark) continue;
    const width = widthOfText(entry.label);
    const box = placesAround(mark, width).find(
      (place) =>
        isInside(place, frame) &&
        !taken.some((other) => overlaps(place, other)) &&
        isClearlyOf(mark, place, marks),
    );
    if (!box) continue;
    taken.push(box);
    labels.push({ text: entry.label, box });
  }
  return labels;
}

/** Whether nobody takes a label for that of another mark; those under the same spot do not count. */
function isClearlyOf(mark: Mark, label: Box, marks: readonly Mark[]): boolean {
  const own = distance(mark, label);
  return marks
    .filter(({ entry, x, y }) => entry.isChosen && Math.hypot(x - mark.x, y - mark.y) > SAME_SPOT)
    .every((other) => distance(other, label) > 1.3 * own);
}

/** From a point to the nearest one of a box. */
function distance({ x, y }: Point, box: Box): number {
  const outside = (at: number, start: number, length: number): number =>
    Math.max(start - at, 0, at - start - length);
  return Math.hypot(outside(x, box.x, box.width), outside(y, box.y, box.height));
}

/** Beside, below, above, and at the corners of a mark: best first. */
function placesAround({ x, y }: Point, width: number): readonly Box[] {
  const [near, height] = [9, LABEL_HEIGHT];
  const [right, left, middle] = [x + near, x - near - width, x - width / 2];
  return [
    { x: right, y: y - height / 2 },
    { x: left, y: y - height / 2 },
    { x: middle, y: y + near },
    { x: middle, y: y - near - height },
    { x: right - 3, y: y + 4 },
    { x: left + 3, y: y + 4 },
    { x: right - 3, y: y - 4 - height },
    { x: left + 3, y: y - 4 - height },
  ].map((place) => ({ ...place, width, height }));
}

const around = ({ x, y }: Point, radius: number): Box => ({
  x: x - radius,
  y: y - radius,
  width: 2 * radius,
  height: 2 * radius,
});

/** Boxes that cover a line. */
function alongLine(points: readonly Point[]): readonly Box[] {
  return points.slice(1).flatMap((end, index) => {
    const start = points[index] ?? end;
    const count = Math.ceil(Math.hypot(end.x - start.x, end.y - start.y) / 4) + 1;
    return Array.from({ length: count }, (_, i) =>
      around(
        {
          x: start.x + ((end.x - start.x) * i) / count,
          y: start.y + ((end.y - start.y) * i) / count,
        },
        2,
      ),
    );
  });
}

export const overlaps = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const isInside = (box: Box, frame: Box): boolean =>
  box.x >= frame.x &&
  box.y >= frame.y &&
  box.x + box.width <= frame.x + frame.width &&
  box.y + box.height <= frame.y + frame.height;
