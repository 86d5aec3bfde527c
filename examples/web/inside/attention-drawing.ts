/** Draws one attention head, frames by frames, with the letters along both axes and a cross-hair. */
import { cssColor, type Surface } from '../shared/canvas.ts';
import type { Insight } from './insight.ts';
import { letterLabels, placeLabels, wordLabels } from './labels.ts';
import type { Marks } from './time-drawing.ts';

/** Room for the letters above and left of the picture. */
const MARGIN = 38;
const FONT_SIZE = 12;

export interface HeadAxes {
  readonly left: number;
  readonly top: number;
  /** Side of the picture. */
  readonly size: number;
  readonly cellSize: number;
}

export function headAxes({ frameCount }: Insight, canvasWidth: number): HeadAxes {
  const size = Math.max(1, canvasWidth - MARGIN);
  return { left: MARGIN, top: MARGIN, size, cellSize: size / frameCount };
}

export function drawHead(
  { context, width }: Surface,
  insight: Insight,
  bitmap: HTMLCanvasElement,
  { query, key }: Marks,
): void {
  const axes = headAxes(insight, width);
  const { left, top, size, cellSize } = axes;
  // Enlarged cells stay squares; where there are more cells than pixels, they are averaged.
  context.imageSmoothingEnabled = cellSize < 1;
  context.drawImage(bitmap, left, top, size, size);
  context.strokeStyle = cssColor('--line');
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, size - 1, size - 1);
  drawLabels(context, insight, axes, { query, key });

  const y = top + (query + 0.5) * cellSize;
  context.strokeStyle = cssColor('--accent');
  context.lineWidth = 1.5;
  line(context, left, y, left + size, y);
  if (key === undefined) return;
  const x = left + (key + 0.5) * cellSize;
  context.strokeStyle = cssColor('--text');
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  line(context, x, top, x, top + size);
  context.setLineDash([]);
  context.beginPath();
  context.arc(x, y, 5, 0, 2 * Math.PI);
  context.lineWidth = 2;
  context.strokeStyle = cssColor('--accent');
  context.stroke();
}

/** Letters where they all fit on two lines, else words, which lie along the left axis and stand on the upper one. */
function drawLabels(
  context: CanvasRenderingContext2D,
  { letters }: Insight,
  { left, top, cellSize }: HeadAxes,
  { query, key }: Marks,
): void {
  context.font = `600 ${FONT_SIZE}px ${cssColor('--mono')}`;
  context.textBaseline = 'middle';
  const single = letterLabels(letters);
  context.fillStyle = cssColor('--line');
  for (const { at } of single) {
    context.fillRect(left + (at + 0.5) * cellSize - 0.5, top - 4, 1, 4);
    context.fillRect(left - 4, top + (at + 0.5) * cellSize - 0.5, 4, 1);
  }
  const colorOf = (at: number, marked: number | undefined): string =>
    cssColor(at === marked ? '--accent' : '--text');
  const placed = placeLabels(single, 2, () => FONT_SIZE / cellSize);
  if (placed.length === single.length) {
    context.textAlign = 'center';
    for (const { text, at, line } of placed) {
      const along = (at + 0.5) * cellSize;
      const away = 12 + 14 * line;
      context.fillStyle = colorOf(at, key);
      context.fillText(text, left + along, top - away);
      context.fillStyle = colorOf(at, query);
      context.fillText(text, left - away, top + along);
    }
    return;
  }
  context.textAlign = 'right';
  context.fillStyle = cssColor('--text');
  for (const { text, at } of placeLabels(wordLabels(letters), 1, () => FONT_SIZE / cellSize)) {
    const along = (at + 0.5) * cellSize;
    context.fillText(text, left - 7, top + along, left - 7);
    context.save();
    context.translate(left + along, top - 7);
    context.rotate(Math.PI / 2);
    context.fillText(text, 0, 0, top - 7);
    context.restore();
  }
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
