/** The submits that the GPU has not done yet, over all runs of a session: at most two. One running and one waiting keep the GPU busy. */
import type { SubmitPace } from './submit-pace.ts';

export class SubmitsInFlight {
  readonly #pace: SubmitPace;
  #last: Promise<void> = Promise.resolve();
  #lastButOne: Promise<void> = Promise.resolve();
  #lastDone = 0;

  constructor(pace: SubmitPace) {
    this.#pace = pace;
  }

  /** Settles when another may be submitted. */
  get room(): Promise<void> {
    return this.#lastButOne;
  }

  /** @param done settles when the GPU has done the work. Who waits for the outputs notices a lost device. */
  add(work: number, submittedAt: number, done: Promise<unknown>): void {
    this.#lastButOne = this.#last;
    this.#last = done.then(
      () => {
        const now = performance.now();
        // It did not begin before the previous one, which may be another run's, was done.
        this.#pace.learn(work, now - Math.max(submittedAt, this.#lastDone));
        this.#lastDone = now;
      },
      () => undefined,
    );
  }
}
