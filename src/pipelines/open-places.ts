/** Which clips of a queue are open. Others wait until one of them ends: clips of normal priority first, then by age. */

/** Clips that are open at once. Each has two pieces in memory, of at most 30 s by default: 4 MB. */
const MAX_OPEN_CLIPS = 128;
/** So many of them may be of low priority, so that those of normal priority find places. */
const MAX_OPEN_LOW_CLIPS = 64;

export class OpenPlaces<Clip> {
  readonly #open: (clip: Clip) => Promise<void>;
  readonly #normal = new Set<Clip>();
  readonly #low = new Set<Clip>();
  #openCount = 0;
  #openLowCount = 0;

  /** @param open takes a clip to its end. Must not reject. */
  constructor(open: (clip: Clip) => Promise<void>) {
    this.#open = open;
  }

  /** Opens a clip as soon as there is a place. */
  add(clip: Clip, isLow: boolean): void {
    (isLow ? this.#low : this.#normal).add(clip);
    this.#openNext();
  }

  /** Forgets a clip that waits. */
  remove(clip: Clip): void {
    this.#normal.delete(clip);
    this.#low.delete(clip);
  }

  #openNext(): void {
    while (this.#openCount < MAX_OPEN_CLIPS) {
      const isLow = this.#normal.size === 0;
      if (isLow && this.#openLowCount >= MAX_OPEN_LOW_CLIPS) return;
      const [clip] = isLow ? this.#low : this.#normal;
      if (clip === undefined) return;
      this.remove(clip);
      this.#openCount += 1;
      if (isLow) this.#openLowCount += 1;
      void this.#open(clip).finally(() => {
        this.#openCount -= 1;
        if (isLow) this.#openLowCount -= 1;
        this.#openNext();
      });
    }
  }
}
