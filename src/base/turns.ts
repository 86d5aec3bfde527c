/** Who may begin when, where things must not happen at the same time. */
import { abortable } from './abortable.ts';
import { UniSpeechError } from './errors.ts';

/** Returns a function that runs tasks one after another, even after a task that failed. */
export function inTurns(): <T>(task: () => T | Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}

/**
 * Lets calls run side by side, and changes between them: a change waits for what came before it, and what comes later waits for the
 * change. One that fails leaves the turn to the next.
 */
export class SharedTurns {
  readonly #calls = new Set<Promise<unknown>>();
  #change: Promise<unknown> | undefined;
  #loopCount = 0;

  /** Without a change before it, the task begins at once. @param signal ends the wait for the turn. */
  async call<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const running = this.#change ? abortable(this.#change, signal).then(task) : task();
    this.#calls.add(running);
    try {
      return await running;
    } finally {
      this.#calls.delete(running);
    }
  }

  /** A call that ends when the returned function is called. @param signal ends the wait for the turn. */
  hold(signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      this.call(() => new Promise<void>((end) => resolve(() => end())), signal).catch(reject);
    });
  }

  /**
   * The same for a loop of a caller. Other than a call it does not end by itself: its body may wait for the very change that would wait for it, or never ask
   * for more. Nobody can tell, so a change does not wait for a loop.
   */
  async holdLoop(signal?: AbortSignal): Promise<() => void> {
    this.#loopCount += 1;
    try {
      const end = await this.hold(signal);
      return () => {
        this.#loopCount -= 1;
        end();
      };
    } catch (error) {
      this.#loopCount -= 1;
      throw error;
    }
  }

  /** Resolves when the calls that run now have ended, and the loops of callers with them. Undefined where nothing runs. */
  get ending(): Promise<unknown> | undefined {
    return this.#calls.size > 0 ? Promise.allSettled(this.#calls) : undefined;
  }

  /**
   * @param signal ends the wait for the turn.
   * @param what names the change in an error.
   * @throws UniSpeechError `busy` while a loop is open.
   */
  async change<T>(task: () => Promise<T>, signal?: AbortSignal, what = 'A change'): Promise<T> {
    if (this.#loopCount > 0) {
      throw new UniSpeechError(
        'busy',
        `${what} was called while a loop over stream(), each() or emissions() is open, which it cannot wait for.`,
        'Leave the loop first, or let it end.',
      );
    }
    const before = [...(this.#change ? [this.#change] : []), ...this.#calls];
    const result = abortable(Promise.allSettled(before), signal).then(task);
    // A change that no longer waits must not let others pass what it waited for.
    const done = Promise.allSettled([...before, result]).then(() => {
      if (this.#change === done) this.#change = undefined;
    });
    this.#change = done;
    return result;
  }
}
