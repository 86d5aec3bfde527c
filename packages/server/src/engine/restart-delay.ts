/** How long to wait before an engine is started again, and when to give its device up for a while. Pure. */

const MOST_MILLISECONDS = 30_000;
/** So many deaths in so many milliseconds without a clip done between them, and the device is given up. */
const MAX_DEATHS = 5;
const WINDOW_MILLISECONDS = 60_000;
/** After which it is tried again. */
export const REST_MILLISECONDS = 30_000;

export class RestartDelay {
  #deaths: number[] = [];
  readonly #firstMilliseconds: number;

  constructor(firstMilliseconds: number) {
    this.#firstMilliseconds = firstMilliseconds;
  }

  /** A clip was done: what died before was not for the device's sake. */
  succeeded(): void {
    this.#deaths = [];
  }

  /** @returns milliseconds to wait, or `given-up`. */
  died(now: number): number | 'given-up' {
    this.#deaths = [...this.#deaths.filter((death) => now - death < WINDOW_MILLISECONDS), now];
    const count = this.#deaths.length;
    if (count >= MAX_DEATHS) {
      this.#deaths = [];
      return 'given-up';
    }
    return Math.min(MOST_MILLISECONDS, this.#firstMilliseconds * 2 ** (count - 1));
  }
}
