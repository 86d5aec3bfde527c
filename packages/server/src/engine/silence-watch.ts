/** A process that has something to do and says nothing any more: a driver that hangs tells nobody. */

/** The most of a batch, unless it is set. */
const BATCH_SECONDS = 30;
/** A batch may take so many times as long as the speed of the device says. */
const SLOWER = 10;

/** How long a process may be silent: on a slow device longer than its settings say. */
export function silenceLimit(
  milliseconds: number,
  {
    maxBatchSeconds = BATCH_SECONDS,
    speed,
  }: { readonly maxBatchSeconds: number | undefined; readonly speed: number },
): number {
  return Math.max(milliseconds, (SLOWER * 1000 * maxBatchSeconds) / speed);
}

export class SilenceWatch {
  readonly #onSilence: (milliseconds: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onSilence: (milliseconds: number) => void) {
    this.#onSilence = onSilence;
  }

  /** It has just said something, and is to say more within so many milliseconds. */
  expect(milliseconds: number): void {
    this.end();
    this.#timer = setTimeout(() => {
      // This process may have been stopped itself: what came meanwhile is heard first.
      this.#timer = setTimeout(() => this.#onSilence(milliseconds), Math.min(1000, milliseconds / 10));
    }, milliseconds);
  }

  /** It may be silent. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
