/** Draws one attention head, frames by frames, with the letters along both axes and a cross-hair. */
import { cssColor, type Surface } from '../shared/canvas.ts';
import type { Insight } from './insight.ts';
import { GAP } from './letters.ts';
import type { Marks } from './time-drawing.ts';

/** Room for the letters above and left of the picture. */
const MARGIN = 24;

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
  drawLetters(context, insight, axes, query, key);

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

function drawLetters(
  context: CanvasRenderingContext2D,
  { letters }: Insight,
  { left, top, cellSize }: HeadAxes,
  query: number,
  key: number | undefined,
): void {
  context.font = `600 13px ${cssColor('--mono')}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  let freeFrom = -Infinity;
  letters.forEach(({ text, isWritten }, frame) => {
    if (!isWritten || text === GAP) return;
    const at = (frame + 0.5) * cellSize;
    context.fillStyle = cssColor('--line');
    context.fillRect(left + at - 0.5, top - 4, 1, 4);
    context.fillRect(left - 4, top + at - 0.5, 4, 1);
    // Letters that would touch: the first one stays.
    if (at - 6 < freeFrom) return;
    freeFrom = at + 6;
    context.fillStyle = cssColor(frame === key ? '--accent' : '--text');
    context.fillText(text, left + at, top / 2 - 1);
    context.fillStyle = cssColor(frame === query ? '--accent' : '--text');
    context.fillText(text, left / 2 - 1, top + at);
  });
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
