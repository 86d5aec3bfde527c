/** Returns a function that runs tasks one after another, even after a task that failed. */
export function inTurns(): <T>(task: () => T | Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}

/** Lets calls run side by side, and changes between them: a change waits for the calls before it, and later calls wait for the change. */
export class SharedTurns {
  readonly #calls = new Set<Promise<unknown>>();
  #lastChange: Promise<unknown> = Promise.resolve();

  async call<T>(task: () => Promise<T>): Promise<T> {
    await this.#lastChange;
    const running = task();
    this.#calls.add(running);
    try {
      return await running;
    } finally {
      this.#calls.delete(running);
    }
  }

  /** Changes follow each other. One that fails leaves the turn to the next. */
  change<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(async () => {
      await Promise.allSettled(this.#calls);
      return task();
    });
    this.#lastChange = result.catch(() => undefined);
    return result;
  }
}
