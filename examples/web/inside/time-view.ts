/** The pictures that share the time axis: waveform with letters, gaze of a frame, hidden states. */
import { cssColor, fitCanvas, isDarkScheme } from '../shared/canvas.ts';
import { byId } from '../shared/dom.ts';
import { showLegend, toBitmap } from './bitmap.ts';
import { clampIndex, followCrossHair } from './cross-hair.ts';
import { drawGaze, drawStates, drawWave, timeAxis, type Marks } from './time-drawing.ts';
import type { Insight } from './insight.ts';
import { divergingMap } from './palette.ts';
import { type ChannelScores, paintableScores, peakOrder, STATE_RANGE, standardise } from './scale.ts';

export interface TimeViewEvents {
  /** A frame was chosen. */
  onFrame(frame: number): void;
  /** The cross-hair moved within the frame. */
  onChange(): void;
}

export class TimeView {
  readonly #wave = byId('wave', HTMLCanvasElement);
  readonly #gaze = byId('gaze', HTMLCanvasElement);
  readonly #states = byId('states', HTMLCanvasElement);
  readonly #sort = byId('sort', HTMLInputElement);
  #insight: Insight | undefined;
  #scores: ChannelScores | undefined;
  /** Channel of each row of the picture. */
  #order: readonly number[] = [];
  #bitmap: HTMLCanvasElement | undefined;
  #row = 0;
  #frame = 0;
  readonly #events: TimeViewEvents;

  constructor(events: TimeViewEvents) {
    this.#events = events;
    for (const canvas of [this.#wave, this.#gaze])
      followCrossHair(canvas, { point: (x) => this.#pointAt(canvas, x) });
    followCrossHair(this.#states, {
      point: (x, y) => {
        const { height } = this.#states.getBoundingClientRect();
        this.#row = clampIndex((y / height) * this.#order.length, this.#order.length);
        this.#pointAt(this.#states, x);
      },
      step: (columns, rows) => {
        this.#row = clampIndex(this.#row + rows, this.#order.length);
        if (columns === 0) this.#events.onChange();
        else this.#choose(this.#frame + columns);
      },
    });
    this.#sort.addEventListener('change', () => {
      this.#arrange();
      this.#events.onChange();
    });
  }

  /** Shows the hidden states of a layer: 0 is before the first. */
  show(insight: Insight, layer: number): void {
    const { states, frameCount, channelCount } = insight;
    this.#insight = insight;
    this.#scores = standardise(states[layer] ?? new Float32Array(), frameCount, channelCount);
    this.#arrange();
    byId('states-caption', HTMLElement).textContent =
      `Hidden states ${layer === 0 ? 'before the first layer' : `after layer ${layer}`}: a column is a frame, a row one of ` +
      `${channelCount} channels; colour tells how far it is above or below its own mean.`;
  }

  /** Colours changed. */
  repaint(): void {
    this.#bitmap = undefined;
  }

  #arrange(): void {
    if (!this.#scores) return;
    const channels = Array.from({ length: this.#scores.channelCount }, (_, channel) => channel);
    this.#order = this.#sort.checked ? peakOrder(this.#scores) : channels;
    this.#bitmap = undefined;
  }

  #pointAt(canvas: HTMLCanvasElement, x: number): void {
    if (!this.#insight) return;
    const { width } = canvas.getBoundingClientRect();
    this.#choose(timeAxis(this.#insight, width).frameAt(x));
  }

  /** Kept at once: several keys may be pressed before the next drawing. */
  #choose(frame: number): void {
    this.#frame = clampIndex(frame, this.#insight?.frameCount ?? 0);
    this.#events.onFrame(this.#frame);
  }

  /** @param gaze attention of the marked frame over the clip, if there is any. */
  draw(marks: Marks, gaze: Float32Array | undefined): void {
    const insight = this.#insight;
    if (!insight || !this.#scores) return;
    this.#frame = marks.query;
    if (!this.#bitmap) {
      const map = divergingMap(isDarkScheme());
      const values = paintableScores(this.#scores, this.#order);
      this.#bitmap = toBitmap(values, this.#order.length, insight.frameCount, map);
      showLegend(byId('states-legend', HTMLElement), map, [`−${STATE_RANGE} σ`, 'mean', `+${STATE_RANGE} σ`]);
    }
    drawWave(fitCanvas(this.#wave), insight, marks);
    if (gaze) drawGaze(fitCanvas(this.#gaze), insight, marks, gaze);
    drawStates(fitCanvas(this.#states), insight, marks, this.#bitmap, this.#row, cssColor('--text'));
  }

  /** What the hidden states are under the cross-hair, in words. */
  reading(time: string): string {
    const channel = this.#order[this.#row] ?? 0;
    const { scores, frameCount } = this.#scores ?? { scores: new Float32Array(), frameCount: 0 };
    const score = scores[channel * frameCount + this.#frame] ?? 0;
    const side = score < 0 ? 'below' : 'above';
    return `${time}: channel ${channel + 1} is ${Math.abs(score).toFixed(1)} standard deviations ${side} its mean`;
  }
}
