/** The heads of one layer: a picture of each to choose from, and the chosen one enlarged. */
import { fitCanvas, isDarkScheme } from '../shared/canvas.ts';
import { byId, make } from '../shared/dom.ts';
import { drawHead, headAxes } from './attention-drawing.ts';
import { showLegend, toBitmap } from './bitmap.ts';
import { clampIndex, followCrossHair } from './cross-hair.ts';
import type { Insight } from './insight.ts';
import { sequentialMap } from './palette.ts';
import { meanDistance, paintableWeights, strongWeight } from './scale.ts';
import type { Marks } from './time-drawing.ts';

export interface AttentionViewEvents {
  onHead(head: number): void;
  /** The cross-hair points at this pair of frames. */
  onPair(query: number, key: number): void;
}

interface AttentionHead {
  /** [frames, frames]; rows sum to 1. */
  readonly weights: Float32Array;
  readonly strong: number;
  readonly button: HTMLButtonElement;
  readonly thumbnail: HTMLCanvasElement;
  bitmap: HTMLCanvasElement | undefined;
}

const percent = (share: number): string => {
  const value = 100 * share;
  return `${value.toFixed(value < 10 ? 1 : 0)} %`;
};

export class AttentionView {
  readonly #canvas = byId('head', HTMLCanvasElement);
  readonly #group = byId('heads', HTMLElement);
  #insight: Insight | undefined;
  #heads: readonly AttentionHead[] = [];
  #chosen = 0;
  #marks = { query: 0, key: 0 };
  /** What the legend was made for. */
  #legendOf: HTMLCanvasElement | undefined;
  readonly #events: AttentionViewEvents;

  constructor(events: AttentionViewEvents) {
    this.#events = events;
    followCrossHair(this.#canvas, {
      point: (x, y) => {
        if (!this.#insight) return;
        const { width } = this.#canvas.getBoundingClientRect();
        const { cellSize, left, top } = headAxes(this.#insight, width);
        this.#move((y - top) / cellSize, (x - left) / cellSize);
      },
      step: (columns, rows) => this.#move(this.#marks.query + rows, this.#marks.key + columns),
    });
    this.#group.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** @param layer from 1 on. */
  show(insight: Insight, layer: number): void {
    const { attentions, frameCount, headCount } = insight;
    this.#insight = insight;
    const size = frameCount ** 2;
    const ofLayer = attentions[layer - 1] ?? new Float32Array();
    this.#heads = Array.from({ length: headCount }, (_, index) => {
      const weights = ofLayer.subarray(index * size, (index + 1) * size);
      const thumbnail = make('canvas');
      thumbnail.setAttribute('aria-hidden', 'true');
      const button = make('button', { type: 'button' }, thumbnail, `Head ${index + 1}`);
      button.setAttribute('role', 'radio');
      button.addEventListener('click', () => this.#events.onHead(index));
      return { weights, strong: strongWeight(weights), button, thumbnail, bitmap: undefined };
    });
    const hadFocus = this.#group.contains(document.activeElement);
    this.#group.replaceChildren(...this.#heads.map(({ button }) => button));
    this.choose(Math.min(this.#chosen, headCount - 1));
    if (hadFocus) this.#heads[this.#chosen]?.button.focus();
  }

  choose(head: number): void {
    this.#chosen = head;
    this.#heads.forEach(({ button }, index) => {
      button.setAttribute('aria-checked', String(index === head));
      button.tabIndex = index === head ? 0 : -1;
    });
  }

  /** Colours changed. */
  repaint(): void {
    for (const head of this.#heads) head.bitmap = undefined;
  }

  /** Where a frame looks: one weight a frame. */
  gazeOf(query: number): Float32Array {
    const count = this.#insight?.frameCount ?? 0;
    const { weights } = this.#heads[this.#chosen] ?? { weights: new Float32Array() };
    return weights.subarray(query * count, (query + 1) * count);
  }

  draw(marks: Marks): void {
    const insight = this.#insight;
    const chosen = this.#heads[this.#chosen];
    if (!insight || !chosen) return;
    this.#marks = { query: marks.query, key: marks.key ?? 0 };
    const map = sequentialMap(isDarkScheme());
    for (const head of this.#heads) {
      if (head.bitmap) continue;
      const { frameCount } = insight;
      head.bitmap = toBitmap(paintableWeights(head.weights, head.strong), frameCount, frameCount, map);
      const { context, width, height } = fitCanvas(head.thumbnail);
      context.drawImage(head.bitmap, 0, 0, width, height);
    }
    const { bitmap, strong } = chosen;
    if (!bitmap) return;
    drawHead(fitCanvas(this.#canvas), insight, bitmap, marks);
    if (this.#legendOf === bitmap) return;
    this.#legendOf = bitmap;
    const ticks = [0, 0.25, 1].map((share) => percent(share * strong));
    showLegend(byId('head-legend', HTMLElement), map, ticks);
  }

  /** What this head does on the whole, in words. */
  summary(): string {
    const { secondsPerFrame = 0, frameCount = 0 } = this.#insight ?? {};
    const { weights } = this.#heads[this.#chosen] ?? { weights: new Float32Array() };
    const seconds = meanDistance(weights, frameCount) * secondsPerFrame;
    return `Head ${this.#chosen + 1} looks ${seconds.toFixed(2)} s away on average.`;
  }

  /** The weight under the cross-hair. */
  weight({ query, key = 0 }: Marks): string {
    return percent(this.gazeOf(query)[key] ?? 0);
  }

  #move(query: number, key: number): void {
    const count = this.#insight?.frameCount ?? 0;
    // Kept at once: several keys may be pressed before the next drawing.
    this.#marks = { query: clampIndex(query, count), key: clampIndex(key, count) };
    this.#events.onPair(this.#marks.query, this.#marks.key);
  }

  #onKey(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowUp: -1,
      ArrowRight: 1,
      ArrowDown: 1,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const count = this.#heads.length;
    const next = (this.#chosen + step + count) % count;
    this.#events.onHead(next);
    this.#heads[next]?.button.focus();
  }
}
