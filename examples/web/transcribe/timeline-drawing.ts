/** Draws the visible part of the timeline: ruler, waveform, spectrogram, and the characters under it. */
import { cssColor, fitCanvas, isDarkScheme } from '../shared/canvas.ts';
import { colorMap, paintMatrix } from '../shared/color-map.ts';
import type { Timed } from './alignment.ts';
import { SAMPLE_RATE } from './audio.ts';
import { melPosition, type Spectrogram } from './spectrogram.ts';

/** Top and height of each row, in CSS pixels. The words below are buttons of the page, not drawn. */
const RULER = { top: 0, height: 24 };
const WAVE = { top: 24, height: 72 };
const SPECTROGRAM = { top: 100, height: 168 };
/** Two lines of letters: neighbours that would touch take turns. */
const CHARACTERS = { top: 268, height: 46, lineHeight: 18 };
/** Below this many pixels a second, marks and letters would cover the picture and each other. */
const LETTERS_FROM = 110;
const FREQUENCIES = [500, 2000, 8000];
/** Room that a time on the ruler needs. */
const TICK_SPACING = 80;
const TICK_SECONDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800];

export interface TimelineContent {
  readonly samples: Float32Array;
  readonly seconds: number;
  readonly characters: readonly Timed[];
  readonly spectrogram: Spectrogram;
}

export interface View {
  /** Seconds at the left edge. */
  readonly from: number;
  readonly pixelsPerSecond: number;
  /** The span to mark, such as the word that plays. */
  readonly marked: Timed | undefined;
}

/** The spectrogram as a bitmap of one pixel a value, in the colours of the current scheme. */
export function paintSpectrogram({ values, bandCount, columnCount }: Spectrogram): HTMLCanvasElement {
  const bitmap = document.createElement('canvas');
  bitmap.width = columnCount;
  bitmap.height = bandCount;
  const image = paintMatrix(values, bandCount, columnCount, colorMap(isDarkScheme()));
  bitmap.getContext('2d')?.putImageData(image, 0, 0);
  return bitmap;
}

export function drawTimeline(
  canvas: HTMLCanvasElement,
  content: TimelineContent,
  bitmap: HTMLCanvasElement,
  view: View,
): void {
  const { context, width } = fitCanvas(canvas);
  const { from, pixelsPerSecond, marked } = view;
  const toX = (seconds: number): number => (seconds - from) * pixelsPerSecond;
  const endX = Math.min(width, toX(content.seconds));
  drawSpectrogram(context, content, bitmap, toX);
  drawFrequencies(context);
  drawWave(context, content.samples, view, endX);
  drawRuler(context, view, endX);
  if (marked) {
    context.fillStyle = cssColor('--accent');
    context.globalAlpha = 0.16;
    const top = WAVE.top;
    context.fillRect(
      toX(marked.start),
      top,
      (marked.end - marked.start) * pixelsPerSecond,
      CHARACTERS.top + CHARACTERS.height - top,
    );
    context.globalAlpha = 1;
  }
  if (pixelsPerSecond >= LETTERS_FROM) drawCharacters(context, content.characters, toX, width);
  else {
    context.fillStyle = cssColor('--muted');
    context.font = '13px system-ui, sans-serif';
    context.fillText('Zoom in to see the characters.', 4, CHARACTERS.top + CHARACTERS.height / 2);
  }
}

function drawSpectrogram(
  context: CanvasRenderingContext2D,
  { spectrogram, seconds }: TimelineContent,
  bitmap: HTMLCanvasElement,
  toX: (seconds: number) => number,
): void {
  const { columnCount, secondsPerColumn } = spectrogram;
  context.save();
  context.beginPath();
  context.rect(toX(0), SPECTROGRAM.top, toX(seconds) - toX(0), SPECTROGRAM.height);
  context.clip();
  // A column is centred on its time.
  const left = toX(-secondsPerColumn / 2);
  const right = toX((columnCount - 0.5) * secondsPerColumn);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, left, SPECTROGRAM.top, right - left, SPECTROGRAM.height);
  context.restore();
}

function drawFrequencies(context: CanvasRenderingContext2D): void {
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (const hertz of FREQUENCIES) {
    const fromBottom = melPosition(hertz, SAMPLE_RATE) * SPECTROGRAM.height;
    const y = Math.max(SPECTROGRAM.top + 9, SPECTROGRAM.top + SPECTROGRAM.height - fromBottom);
    const label = hertz < 1000 ? `${hertz} Hz` : `${hertz / 1000} kHz`;
    context.fillStyle = cssColor('--surface');
    context.globalAlpha = 0.8;
    context.fillRect(0, y - 8, context.measureText(label).width + 8, 16);
    context.globalAlpha = 1;
    context.fillStyle = cssColor('--muted');
    context.fillText(label, 4, y);
  }
}

/** Lowest and highest sample of each pixel column, scaled so that the loudest of all fills the row. */
function drawWave(
  context: CanvasRenderingContext2D,
  samples: Float32Array,
  { from, pixelsPerSecond }: View,
  endX: number,
): void {
  const middle = WAVE.top + WAVE.height / 2;
  const scale = (WAVE.height / 2 - 4) / Math.max(0.02, peakOf(samples));
  const samplesPerPixel = SAMPLE_RATE / pixelsPerSecond;
  context.fillStyle = cssColor('--wave');
  for (let x = 0; x < endX; x++) {
    const first = Math.floor((from + x / pixelsPerSecond) * SAMPLE_RATE);
    // At most 64 looks a pixel: enough to see the outline of minutes.
    const step = Math.max(1, Math.floor(samplesPerPixel / 64));
    let low = 0;
    let high = 0;
    for (let index = first; index < first + Math.max(1, samplesPerPixel); index += step) {
      const value = samples[index] ?? 0;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    context.fillRect(x, middle - high * scale - 0.5, 1, (high - low) * scale + 1);
  }
}

const peaks = new WeakMap<Float32Array, number>();

function peakOf(samples: Float32Array): number {
  let peak = peaks.get(samples);
  if (peak === undefined) {
    peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    peaks.set(samples, peak);
  }
  return peak;
}

function drawRuler(context: CanvasRenderingContext2D, { from, pixelsPerSecond }: View, endX: number): void {
  const spacing = TICK_SPACING / pixelsPerSecond;
  const step = TICK_SECONDS.find((seconds) => seconds >= spacing) ?? 3600;
  context.fillStyle = cssColor('--muted');
  context.strokeStyle = cssColor('--line');
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (let tick = Math.ceil(from / step); ; tick++) {
    const x = (tick * step - from) * pixelsPerSecond;
    if (x > endX) break;
    if (x >= 1) line(context, x, RULER.top, WAVE.top + WAVE.height);
    const label = tickLabel(tick * step, step);
    if (x + 5 + context.measureText(label).width > endX) continue;
    context.fillText(label, x + 5, RULER.top + RULER.height / 2);
  }
}

function tickLabel(seconds: number, step: number): string {
  if (seconds < 60) return `${seconds.toFixed(step < 1 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = (seconds - 60 * minutes).toFixed(step < 1 ? 1 : 0);
  return `${minutes}:${rest.padStart(step < 1 ? 4 : 2, '0')}`;
}

/** Each character under the frames it was emitted for, tied to them by a line through the spectrogram. */
function drawCharacters(
  context: CanvasRenderingContext2D,
  characters: readonly Timed[],
  toX: (seconds: number) => number,
  width: number,
): void {
  const [markColor, textColor] = [cssColor('--mark'), cssColor('--text')];
  context.font = `600 14px ${cssColor('--mono')}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  /** Where each line of letters is free from. */
  const freeFrom = [-Infinity, -Infinity];
  for (const { text, start, end } of characters) {
    const left = toX(start);
    const right = toX(end);
    if (text.trim() === '' || right < -20 || left > width + 20) continue;
    const middle = (left + right) / 2;
    context.fillStyle = markColor;
    context.globalAlpha = 0.5;
    context.fillRect(middle - 0.5, SPECTROGRAM.top, 1, SPECTROGRAM.height);
    context.globalAlpha = 1;
    context.fillRect(left, CHARACTERS.top + 1, Math.max(1, right - left - 1), 4);
    const half = context.measureText(text).width / 2;
    const row = freeFrom.findIndex((free) => middle - half >= free);
    // Zoomed far out, characters would cover each other.
    if (row < 0) continue;
    freeFrom[row] = middle + half + 1;
    context.fillStyle = textColor;
    context.fillText(text, middle, CHARACTERS.top + 16 + row * CHARACTERS.lineHeight);
  }
  context.textAlign = 'start';
}

function line(context: CanvasRenderingContext2D, x: number, top: number, bottom: number): void {
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, top);
  context.lineTo(Math.round(x) + 0.5, bottom);
  context.stroke();
}
