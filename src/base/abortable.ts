/** Aborts: what is to be done at one, waits that it ends, and controllers that pass it on. */

/** What waits, by signal. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

const runAll = ({ target }: Event): void => waiting.get(target as AbortSignal)?.forEach((task) => task());

/**
 * Calls `task` when the signal aborts; at once where it has. The signal has one listener for all tasks: callers share one for all their calls, and Node
 * warns of a leak from the eleventh listener on. No task may throw.
 * @returns ends the wait. Call it as soon as the wait is of no use: the signal may live as long as the program, and holds the task until then.
 */
export function whenAborted(signal: AbortSignal | undefined, task: () => void): () => void {
  if (!signal || signal.aborted) {
    if (signal) task();
    return () => undefined;
  }
  const tasks = waiting.get(signal) ?? new Set();
  waiting.set(signal, tasks);
  // The same one again counts once.
  signal.addEventListener('abort', runAll);
  const own = (): void => task();
  tasks.add(own);
  return () => {
    tasks.delete(own);
    if (tasks.size === 0) signal.removeEventListener('abort', runAll);
  };
}

/**
 * Makes a controller abort with any of the signals, for its reason. The signals hold the controller until it aborts, so its maker must abort it when the work is
 * over, also after an error. `AbortSignal.any` cannot be ended like that: in Node a joined signal stays in memory while anything listens to it, and Node 20 keeps
 * about 90 bytes of each joined signal with the signals that it joins.
 * @returns the controller's signal.
 */
export function abortWith(
  controller: AbortController,
  ...signals: readonly (AbortSignal | undefined)[]
): AbortSignal {
  for (const signal of signals) {
    const leave = whenAborted(signal, () => controller.abort(signal?.reason));
    whenAborted(controller.signal, leave);
  }
  return controller.signal;
}

/** Waits for `work` or for the signal, whichever comes first. The work itself continues. @throws The signal's reason. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const leave = whenAborted(signal, () => reject(signal.reason as Error));
    void work.then(resolve, reject).finally(leave);
  });
}
