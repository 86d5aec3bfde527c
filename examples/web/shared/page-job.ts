/** What a page is doing: one thing at a time, which a new one takes the place of. */
import { type ErrorBox, isAbort } from './error-box.ts';
import type { BusyBar } from './progress.ts';

export interface PageParts {
  readonly errors: ErrorBox;
  readonly busy: BusyBar;
  readonly status: HTMLElement;
  readonly results: HTMLElement;
  /** Called before a job that `run` begins, and after it, however it ends. */
  readonly onBegin: () => void;
  readonly onEnd: () => void;
}

export class PageJob {
  readonly #parts: PageParts;
  #current: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  /** Stops what is under way, and starts something else when that has ended. @param start never rejects. */
  begin(start: (stop: AbortController) => Promise<void>): void {
    const previous = this.#current;
    previous?.stop.abort();
    const stop = new AbortController();
    const done = (previous?.done ?? Promise.resolve()).then(() => start(stop));
    this.#current = { stop, done };
  }

  /**
   * The same, with the bar that shows what is done and can cancel it.
   * @param failure heads the error, if it comes to one.
   */
  run(failure: string, what: string, work: (signal: AbortSignal) => Promise<void>): void {
    const { errors, busy, status, results, onBegin, onEnd } = this.#parts;
    this.begin(async (stop) => {
      errors.clear();
      onBegin();
      results.ariaBusy = 'true';
      busy.begin(what, () => stop.abort());
      try {
        await work(stop.signal);
      } catch (error) {
        if (isAbort(error)) status.textContent = 'Cancelled.';
        else errors.show(failure, error);
      } finally {
        busy.end();
        results.ariaBusy = 'false';
        onEnd();
      }
    });
  }
}
