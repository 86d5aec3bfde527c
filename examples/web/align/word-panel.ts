/** One word of the alignment: its times, to be typed or dragged, its score, its sound. */
import type { TimedWord } from 'unispeech-webgpu/captions';
import { byId } from '../shared/dom.ts';
import type { Side } from './word-edits.ts';

/** Called with the new place of an edge, in seconds. */
type OnMove = (index: number, side: Side, seconds: number) => void;

export class WordPanel {
  readonly #panel = byId('word', HTMLElement);
  readonly #track = byId('timeline-track', HTMLElement);
  readonly #fields: Readonly<Record<Side, HTMLInputElement>> = {
    start: byId('word-start', HTMLInputElement),
    end: byId('word-end', HTMLInputElement),
  };
  readonly #handles: Readonly<Record<Side, HTMLElement>> = {
    start: byId('edge-start', HTMLElement),
    end: byId('edge-end', HTMLElement),
  };
  #index: number | undefined;
  #word: TimedWord | undefined;
  #pixelsPerSecond = 1;

  constructor(onMove: OnMove, onPlay: (index: number) => void) {
    byId('word-play', HTMLButtonElement).addEventListener('click', () => {
      if (this.#index !== undefined) onPlay(this.#index);
    });
    for (const side of ['start', 'end'] as const) {
      const field = this.#fields[side];
      field.addEventListener('change', () => {
        if (this.#index !== undefined && field.value !== '') onMove(this.#index, side, Number(field.value));
      });
      this.#makeDraggable(side, onMove);
    }
  }

  get index(): number | undefined {
    return this.#index;
  }

  show(index: number | undefined, word: TimedWord | undefined): void {
    this.#index = word === undefined ? undefined : index;
    this.#word = word;
    this.#panel.hidden = word === undefined;
    this.place(this.#pixelsPerSecond);
    if (!word) return;
    byId('word-text', HTMLElement).textContent = word.text;
    byId('word-score', HTMLElement).textContent = scoreText(word);
    for (const side of ['start', 'end'] as const) this.#fields[side].value = word[side].toFixed(3);
  }

  /** Puts the handles where the edges are now. */
  place(pixelsPerSecond: number): void {
    this.#pixelsPerSecond = pixelsPerSecond;
    for (const side of ['start', 'end'] as const) {
      const handle = this.#handles[side];
      handle.hidden = this.#word === undefined;
      handle.style.left = `${(this.#word?.[side] ?? 0) * pixelsPerSecond}px`;
    }
  }

  #makeDraggable(side: Side, onMove: OnMove): void {
    const handle = this.#handles[side];
    handle.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener('pointermove', ({ clientX, pointerId }) => {
      if (this.#index === undefined || !handle.hasPointerCapture(pointerId)) return;
      const { left } = this.#track.getBoundingClientRect();
      onMove(this.#index, side, (clientX - left) / this.#pixelsPerSecond);
    });
  }
}

function scoreText({ score, inferred }: TimedWord): string {
  if (inferred) return 'No time of its own: the model has no token for it. It stands between its neighbours.';
  if (score === null || score === undefined)
    return 'Without a score: it holds characters that the model does not know.';
  return `Score ${score.toFixed(2)}: ${score < DOUBTFUL_SCORE ? 'the model hardly hears it here.' : 'the model hears it here.'}`;
}

/** Words below are marked. */
export const DOUBTFUL_SCORE = 0.5;
