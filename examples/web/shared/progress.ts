/** What a page is busy with: the bar of a model that loads (bytes, rate, stage), or one line; and a way to cancel. */
import type { ProgressInfo } from 'unispeech-webgpu';
import { make } from './dom.ts';
import { describeProgress } from './describe-progress.ts';

/** Fills `place`, an empty element of the page, while something is under way. */
export class BusyBar {
  readonly #bar = make('div', { className: 'progress-bar' });
  readonly #track = make('div', { className: 'progress-track' }, this.#bar);
  readonly #text = make('span', { className: 'small muted' });
  readonly #warnings = make('div', { className: 'small warning' });
  #loadStart = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #place: HTMLElement;

  constructor(place: HTMLElement) {
    this.#place = place;
    this.#track.setAttribute('role', 'progressbar');
    this.#track.setAttribute('aria-label', 'Loading the model');
    this.#track.setAttribute('aria-valuemin', '0');
    this.#track.setAttribute('aria-valuemax', '100');
  }

  /** @param onCancel what the Cancel button does. */
  begin(text: string, onCancel: () => void): void {
    this.#warnings.replaceChildren();
    this.say(text);
    const cancel = make('button', { type: 'button' }, 'Cancel');
    cancel.addEventListener('click', onCancel);
    this.#place.replaceChildren(
      make(
        'div',
        { className: 'progress' },
        this.#track,
        make('div', { className: 'row apart' }, this.#text, cancel),
        this.#warnings,
      ),
    );
  }

  /** Work of unknown length: the line alone, with the seconds that it has taken. */
  say(text: string): void {
    const start = performance.now();
    const tick = (): void => {
      const seconds = Math.floor((performance.now() - start) / 1000);
      this.#text.textContent = seconds < 2 ? text : `${text} ${seconds} s`;
    };
    this.#track.hidden = true;
    clearInterval(this.#timer);
    this.#timer = setInterval(tick, 1000);
    tick();
  }

  /** Give it as `progress_callback`. */
  readonly report = (info: ProgressInfo): void => {
    if (info.status === 'warning') this.#warnings.append(make('p', {}, info.message));
    if (info.status !== 'progress_total') return;
    if (this.#track.hidden) this.#loadStart = performance.now();
    this.#track.hidden = false;
    clearInterval(this.#timer);
    this.#bar.style.width = `${info.progress}%`;
    this.#track.setAttribute('aria-valuenow', info.progress.toFixed(0));
    this.#text.textContent = describeProgress(info, performance.now() - this.#loadStart);
  };

  /** Leaves only what the engine warned of, until the next begin. */
  end(): void {
    clearInterval(this.#timer);
    this.#place.replaceChildren(...(this.#warnings.hasChildNodes() ? [this.#warnings] : []));
  }
}
