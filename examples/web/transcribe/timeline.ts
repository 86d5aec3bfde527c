/**
 * The timeline: one time axis, as wide as the zoom makes it, in a box that scrolls. What is drawn is a canvas that
 * stays in view and shows the visible part; words are buttons on the axis, one stop for the Tab key, with arrow keys
 * between them.
 */
import { byId, make, redrawOnChange } from '../shared/dom.ts';
import { formatPosition } from '../shared/format.ts';
import { type Word, wordAt } from './alignment.ts';
import { type Audio, Player } from './audio.ts';
import type { ShownTranscript } from './recognizer.ts';
import type { Spectrogram } from './spectrogram.ts';
import { drawTimeline, paintSpectrogram, type TimelineContent } from './timeline-drawing.ts';

/** Characters are legible from here on; longer audio scrolls. */
const LEGIBLE_PIXELS_PER_SECOND = 220;
const MOST_PIXELS_PER_SECOND = 1600;
const ZOOM_STEP = 1.5;

/** What the timeline shows over the audio. */
export type TimelineText = Pick<ShownTranscript, 'characters' | 'words'>;

export class Timeline {
  readonly #scroller = byId('timeline', HTMLElement);
  readonly #track = byId('timeline-track', HTMLElement);
  readonly #canvas = byId('timeline-canvas', HTMLCanvasElement);
  readonly #wordRow = byId('timeline-words', HTMLElement);
  readonly #playhead = byId('playhead', HTMLElement);
  readonly #playButton = byId('play', HTMLButtonElement);
  readonly #player = new Player(() => this.#onEnd());
  #content: TimelineContent | undefined;
  #words: readonly Word[] = [];
  #buttons: readonly HTMLButtonElement[] = [];
  /** Of the words in pixels: a button reaches over the pause behind its word where the text needs it. */
  #textWidths: readonly number[] = [];
  #bitmap: HTMLCanvasElement | undefined;
  #pixelsPerSecond = LEGIBLE_PIXELS_PER_SECOND;
  #marked: number | undefined;
  #isDrawQueued = false;
  /** Of the animation that follows the playhead. */
  #frame = 0;

  readonly #onLayOut: (pixelsPerSecond: number) => void;

  /** @param onLayOut called when the zoom or the size has changed. */
  constructor(onLayOut: (pixelsPerSecond: number) => void = () => undefined) {
    this.#onLayOut = onLayOut;
    redrawOnChange(this.#scroller, () => {
      this.#bitmap = undefined;
      this.#layOut();
    });
    this.#scroller.addEventListener('scroll', () => this.#queueDraw());
    this.#scroller.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    this.#canvas.addEventListener('click', (event) => {
      const { left } = this.#track.getBoundingClientRect();
      this.#play((event.clientX - left) / this.#pixelsPerSecond, this.#seconds);
    });
    this.#playButton.addEventListener('click', () => {
      if (this.#player.position === undefined) this.#play(0, this.#seconds);
      else this.#player.stop();
    });
    byId('zoom-in', HTMLButtonElement).addEventListener('click', () => this.#zoom(ZOOM_STEP));
    byId('zoom-out', HTMLButtonElement).addEventListener('click', () => this.#zoom(1 / ZOOM_STEP));
    byId('zoom-fit', HTMLButtonElement).addEventListener('click', () => this.#zoom(0));
    this.#wordRow.addEventListener('keydown', (event) => this.#onKey(event));
  }

  show(audio: Audio, transcript: TimelineText, spectrogram: Spectrogram): void {
    const { samples, seconds } = audio;
    this.#player.load(audio);
    this.#content = { samples, seconds, characters: transcript.characters, spectrogram };
    this.#bitmap = undefined;
    this.#marked = undefined;
    this.#words = transcript.words;
    this.#buttons = transcript.words.map((word, index) => this.#makeButton(word, index));
    this.#wordRow.replaceChildren(...this.#buttons);
    this.#textWidths = measureTexts(this.#buttons);
    this.#scroller.scrollLeft = 0;
    this.#pixelsPerSecond = Math.max(this.#fitting, LEGIBLE_PIXELS_PER_SECOND);
    this.#layOut();
  }

  stop(): void {
    this.#player.stop();
  }

  /** The same words at other times. */
  retime(words: readonly Word[]): void {
    this.#words = words;
    for (const [index, word] of words.entries()) nameButton(this.#buttons[index], word);
    this.#layOut();
  }

  playWord(index: number): void {
    const word = this.#words[index];
    if (word) this.#play(word.start, word.end);
  }

  get #seconds(): number {
    return this.#content?.seconds ?? 0;
  }

  /** The zoom at which all of the audio is in view. */
  get #fitting(): number {
    return this.#scroller.clientWidth / Math.max(0.1, this.#seconds);
  }

  #makeButton(word: Word, index: number): HTMLButtonElement {
    const button = make(
      'button',
      { type: 'button', className: 'word', tabIndex: index === 0 ? 0 : -1 },
      word.text,
    );
    nameButton(button, word);
    button.addEventListener('click', () => this.playWord(index));
    button.addEventListener('focus', () => {
      for (const other of this.#buttons) other.tabIndex = other === button ? 0 : -1;
      if (this.#player.position === undefined) this.#mark(index);
    });
    button.addEventListener('blur', () => {
      if (this.#player.position === undefined) this.#mark(undefined);
    });
    return button;
  }

  #onKey(event: KeyboardEvent): void {
    const current = this.#buttons.findIndex((button) => button === document.activeElement);
    const last = this.#buttons.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: Math.max(0, current - 1),
      ArrowRight: Math.min(last, current + 1),
      Home: 0,
      End: last,
    };
    if (event.key === 'Escape') this.#player.stop();
    const target = targets[event.key];
    if (target === undefined || current < 0) return;
    event.preventDefault();
    this.#buttons[target]?.focus();
  }

  #onWheel(event: WheelEvent): void {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.#zoom(Math.exp(-event.deltaY / 300), event.clientX - this.#scroller.getBoundingClientRect().left);
  }

  /** @param factor 0 fits everything. @param x the pixel of the box that stays where it is. */
  #zoom(factor: number, x = this.#scroller.clientWidth / 2): void {
    const held = (this.#scroller.scrollLeft + x) / this.#pixelsPerSecond;
    const wanted = Math.min(MOST_PIXELS_PER_SECOND, this.#pixelsPerSecond * factor);
    this.#pixelsPerSecond = Math.max(this.#fitting, wanted);
    this.#layOut();
    this.#scroller.scrollLeft = held * this.#pixelsPerSecond - x;
  }

  #layOut(): void {
    if (!this.#content || this.#scroller.clientWidth === 0) return;
    this.#pixelsPerSecond = Math.max(this.#fitting, this.#pixelsPerSecond);
    this.#track.style.width = `${Math.floor(this.#seconds * this.#pixelsPerSecond)}px`;
    this.#canvas.style.width = `${this.#scroller.clientWidth}px`;
    for (const [index, { start, end }] of this.#words.entries()) {
      const button = this.#buttons[index];
      if (!button) continue;
      const left = start * this.#pixelsPerSecond;
      const free = (this.#words[index + 1]?.start ?? this.#seconds) * this.#pixelsPerSecond - left - 2;
      const textWidth = this.#textWidths[index] ?? 0;
      const width = Math.max((end - start) * this.#pixelsPerSecond, Math.min(free, textWidth));
      button.style.left = `${left}px`;
      button.style.width = `${width}px`;
      // A bar without text says more than a few letters out of its middle.
      button.classList.toggle('tight', width < textWidth - 6);
      button.classList.toggle('narrow', width < 0.75 * textWidth);
    }
    this.#onLayOut(this.#pixelsPerSecond);
    this.#queueDraw();
  }

  #queueDraw(): void {
    if (this.#isDrawQueued) return;
    this.#isDrawQueued = true;
    requestAnimationFrame(() => {
      this.#isDrawQueued = false;
      if (!this.#content) return;
      this.#bitmap ??= paintSpectrogram(this.#content.spectrogram);
      drawTimeline(this.#canvas, this.#content, this.#bitmap, {
        from: this.#scroller.scrollLeft / this.#pixelsPerSecond,
        pixelsPerSecond: this.#pixelsPerSecond,
        marked: this.#marked === undefined ? undefined : this.#words[this.#marked],
      });
    });
  }

  #mark(index: number | undefined): void {
    if (this.#marked === index) return;
    if (this.#marked !== undefined) this.#buttons[this.#marked]?.classList.remove('marked');
    if (index !== undefined) this.#buttons[index]?.classList.add('marked');
    this.#marked = index;
    this.#queueDraw();
  }

  #play(from: number, to: number): void {
    this.#player.play(from, to);
    this.#playButton.textContent = 'Stop';
    this.#playhead.hidden = false;
    cancelAnimationFrame(this.#frame);
    this.#follow();
  }

  /** Moves the playhead, and the view with it when it leaves. */
  #follow(): void {
    const position = this.#player.position;
    if (position === undefined) return;
    const x = Math.min(position, this.#seconds) * this.#pixelsPerSecond;
    this.#playhead.style.transform = `translateX(${x}px)`;
    this.#mark(wordAt(this.#words, position));
    const { scrollLeft, clientWidth } = this.#scroller;
    if (x < scrollLeft || x > scrollLeft + clientWidth) this.#scroller.scrollLeft = x - 40;
    this.#frame = requestAnimationFrame(() => this.#follow());
  }

  #onEnd(): void {
    this.#playButton.textContent = 'Play all';
    this.#playhead.hidden = true;
    this.#mark(undefined);
  }
}

function nameButton(button: HTMLButtonElement | undefined, { text, start, end }: Word): void {
  if (!button) return;
  const span = `${formatPosition(start)} to ${formatPosition(end)}`;
  button.title = span;
  button.setAttribute('aria-label', `${text}, ${span}`);
}

/** The width of each button's text, in pixels with a little room. */
function measureTexts(buttons: readonly HTMLButtonElement[]): number[] {
  const context = document.createElement('canvas').getContext('2d');
  const [first] = buttons;
  if (!context || !first) return [];
  context.font = getComputedStyle(first).font;
  return buttons.map(({ textContent }) => context.measureText(textContent).width + 8);
}
