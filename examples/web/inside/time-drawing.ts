/** Draws the pictures that share the time axis. Everything in CSS pixels. */
import { cssColor, type Surface } from '../shared/canvas.ts';
import type { Insight } from './insight.ts';
import { letterLabels, placeLabels, wordLabels } from './labels.ts';

/** Frames that are marked: the one that looks, and the one that it is compared with. */
export interface Marks {
  readonly query: number;
  readonly key: number | undefined;
}

/** Left of the pictures, for the text of axes. */
const GUTTER = 26;
const LETTERS_HEIGHT = 36;
const TICKS_HEIGHT = 18;
const TICK_SECONDS = [0.1, 0.2, 0.5, 1, 2, 5];
/** Room that a time needs. */
const TICK_SPACING = 56;
const SMALL_FONT = '12px system-ui, sans-serif';

export interface TimeAxis {
  readonly left: number;
  readonly width: number;
  readonly frameWidth: number;
  toX(seconds: number): number;
  /** The middle of a frame. */
  frameX(frame: number): number;
  frameAt(x: number): number;
}

/** The whole clip over the width of a canvas. */
export function timeAxis({ audio, secondsPerFrame }: Insight, canvasWidth: number): TimeAxis {
  const width = Math.max(1, canvasWidth - GUTTER);
  const perSecond = width / audio.seconds;
  return {
    left: GUTTER,
    width,
    frameWidth: secondsPerFrame * perSecond,
    toX: (seconds) => GUTTER + seconds * perSecond,
    frameX: (frame) => GUTTER + (frame + 0.5) * secondsPerFrame * perSecond,
    frameAt: (x) => Math.floor((x - GUTTER) / perSecond / secondsPerFrame),
  };
}

export function drawWave({ context, width, height }: Surface, insight: Insight, marks: Marks): void {
  const axis = timeAxis(insight, width);
  const bottom = height - TICKS_HEIGHT;
  drawTicks(context, insight.audio.seconds, axis, LETTERS_HEIGHT, bottom);
  drawEnvelope(context, insight.audio.samples, axis, LETTERS_HEIGHT, bottom);
  drawMarks(context, axis, marks, LETTERS_HEIGHT, bottom);
  drawLetters(context, insight, axis, marks.query);
}

function drawTicks(
  context: CanvasRenderingContext2D,
  seconds: number,
  axis: TimeAxis,
  top: number,
  bottom: number,
): void {
  const spacing = (TICK_SPACING / axis.width) * seconds;
  const step = TICK_SECONDS.find((candidate) => candidate >= spacing) ?? 10;
  context.font = SMALL_FONT;
  context.textBaseline = 'top';
  context.textAlign = 'left';
  for (let tick = 0; tick * step < seconds; tick++) {
    const x = Math.round(axis.toX(tick * step));
    context.fillStyle = cssColor('--line');
    context.fillRect(x, top, 1, bottom - top + 5);
    const label = `${(tick * step).toFixed(step < 1 ? 1 : 0)} s`;
    if (x + 4 + context.measureText(label).width > axis.left + axis.width) continue;
    context.fillStyle = cssColor('--muted');
    context.fillText(label, x + 4, bottom + 4);
  }
}

/** Lowest and highest sample of each pixel column, scaled so that the loudest of all fills the row. */
function drawEnvelope(
  context: CanvasRenderingContext2D,
  samples: Float32Array,
  axis: TimeAxis,
  top: number,
  bottom: number,
): void {
  const middle = (top + bottom) / 2;
  const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0.02);
  const scale = ((bottom - top) / 2 - 3) / peak;
  const perPixel = samples.length / axis.width;
  context.fillStyle = cssColor('--wave');
  for (let x = 0; x < axis.width; x++) {
    let [low, high] = [0, 0];
    for (let index = Math.floor(x * perPixel); index < (x + 1) * perPixel; index++) {
      const value = samples[index] ?? 0;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    context.fillRect(axis.left + x, middle - high * scale - 0.5, 1, (high - low) * scale + 1);
  }
}

/** Letters where they all fit on two lines, else words. */
function drawLetters(
  context: CanvasRenderingContext2D,
  { letters }: Insight,
  axis: TimeAxis,
  query: number,
): void {
  context.font = `600 13px ${cssColor('--mono')}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const extentOf = (text: string): number => (context.measureText(text).width + 1) / axis.frameWidth;
  const single = letterLabels(letters);
  context.fillStyle = cssColor('--line');
  for (const { at } of single) context.fillRect(Math.round(axis.frameX(at)), LETTERS_HEIGHT - 4, 1, 4);
  const placed = placeLabels(single, 2, extentOf);
  const shown = placed.length === single.length ? placed : placeLabels(wordLabels(letters), 2, extentOf);
  for (const { text, at, line } of shown) {
    context.fillStyle = cssColor(at === query ? '--accent' : '--text');
    context.fillText(text, axis.frameX(at), LETTERS_HEIGHT - 12 - 15 * line);
  }
}

/** The chosen frame, and dashed the one that it is compared with. */
function drawMarks(
  context: CanvasRenderingContext2D,
  axis: TimeAxis,
  { query, key }: Marks,
  top: number,
  bottom: number,
): void {
  context.save();
  context.strokeStyle = cssColor('--accent');
  context.fillStyle = cssColor('--accent');
  context.globalAlpha = 0.18;
  context.fillRect(axis.frameX(query) - axis.frameWidth / 2, top, axis.frameWidth, bottom - top);
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  verticalLine(context, axis.frameX(query), top, bottom);
  if (key !== undefined) {
    context.strokeStyle = cssColor('--text');
    context.setLineDash([4, 3]);
    context.lineWidth = 1;
    verticalLine(context, axis.frameX(key), top, bottom);
  }
  context.restore();
}

function verticalLine(context: CanvasRenderingContext2D, x: number, top: number, bottom: number): void {
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, bottom);
  context.stroke();
}

/** A bar a frame; the tallest is the strongest weight of this frame. */
export function drawGaze(
  { context, width, height }: Surface,
  insight: Insight,
  marks: Marks,
  gaze: Float32Array,
): void {
  const axis = timeAxis(insight, width);
  const strong = Math.max(1e-6, ...gaze);
  context.fillStyle = cssColor('--sunken');
  context.fillRect(axis.left, 0, axis.width, height);
  context.fillStyle = cssColor('--accent');
  gaze.forEach((weight, frame) => {
    const barHeight = (weight / strong) * (height - 2);
    const left = axis.frameX(frame) - axis.frameWidth / 2;
    context.fillRect(left, height - barHeight, Math.max(1, axis.frameWidth - 0.5), barHeight);
  });
  drawMarks(context, axis, { ...marks, key: undefined }, 0, height);
}

export function drawStates(
  { context, width, height }: Surface,
  insight: Insight,
  marks: Marks,
  bitmap: HTMLCanvasElement,
  row: number,
  lineColor: string,
): void {
  const axis = timeAxis(insight, width);
  context.imageSmoothingEnabled = false;
  context.drawImage(bitmap, axis.left, 0, insight.frameCount * axis.frameWidth, height);
  const y = ((row + 0.5) / insight.channelCount) * height;
  context.strokeStyle = lineColor;
  context.globalAlpha = 0.45;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(axis.left, y);
  context.lineTo(axis.left + axis.width, y);
  context.stroke();
  context.globalAlpha = 1;
  drawMarks(context, axis, { ...marks, key: undefined }, 0, height);
  context.save();
  context.translate(GUTTER / 2, height / 2);
  context.rotate(-Math.PI / 2);
  context.font = SMALL_FONT;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = cssColor('--muted');
  context.fillText(`${insight.channelCount} channels`, 0, 0);
  context.restore();
}
