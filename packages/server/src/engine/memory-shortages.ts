/** Clips that a device had no memory for. Another try may find some, as others may have ended by then; if it does not, no further one will. */
import { EngineError } from './engine-error.ts';

const RETRY_SECONDS = 10;
/** Clients that try again do so by then. */
const KEPT_MILLISECONDS = 15 * 60_000;
const MAX_KEPT = 1000;

export class MemoryShortages {
  /** Clip → when. */
  readonly #times = new Map<string, number>();

  /** @param clip is one text for each try of the same clip. @param now in milliseconds. @param sentence what the engine says. */
  told(clip: string, now: number, sentence: string): EngineError {
    const last = this.#times.get(clip);
    this.#times.delete(clip);
    if (last !== undefined && now - last < KEPT_MILLISECONDS)
      return new EngineError(
        'too_little_memory',
        `${sentence} It was so again: send shorter pieces, or serve the model in another dtype.`,
      );
    this.#times.set(clip, now);
    const [oldest] = this.#times.keys();
    if (this.#times.size > MAX_KEPT && oldest !== undefined) this.#times.delete(oldest);
    return new EngineError('out_of_memory', `${sentence} Try again in ${RETRY_SECONDS} s.`, RETRY_SECONDS);
  }
}
