/** Runs work on what a source gives, one step ahead: the next run begins before the last one has ended, so that neither waits. */

/** How many runs are under way at once. */
const RUNS = 2;

/** Asks for the next item. Whoever awaits it later sees its error. */
export function askNext<Item>(iterator: AsyncIterator<Item>): Promise<IteratorResult<Item>> {
  const next = iterator.next();
  next.catch(() => undefined);
  return next;
}

/**
 * The results in the order of the source, each as soon as it is there. When the loop ends, for whatever reason, the runs have ended
 * and the source is closed.
 * @param stop called when the loop ends early: makes the source and the runs that are under way give up.
 */
export async function* runAhead<Item, Result>(
  source: AsyncIterable<Item>,
  run: (item: Item) => Promise<Result>,
  stop: () => void,
): AsyncGenerator<Result, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  const running: Promise<Result>[] = [];
  let reading: Promise<IteratorResult<Item>> | undefined;
  let hasEnded = false;
  /** Comes after the results of what was read before. */
  let failure: { readonly error: unknown } | undefined;
  try {
    for (;;) {
      if (!hasEnded && running.length < RUNS) reading ??= askNext(iterator);
      const [first] = running;
      if (!first && !reading) {
        if (failure) throw failure.error;
        return;
      }
      // Where both are there, the next run begins before the result is used, which may take a while.
      const done = await Promise.race([
        ...(reading
          ? [
              reading.then(
                (item) => ({ item }),
                (error: unknown) => ({ error }),
              ),
            ]
          : []),
        ...(first ? [first.then((result) => ({ result }))] : []),
      ]);
      if ('result' in done) {
        void running.shift();
        if (!hasEnded) reading ??= askNext(iterator);
        yield done.result;
        continue;
      }
      reading = undefined;
      if ('error' in done) {
        failure = done;
        hasEnded = true;
      } else {
        if (done.item.done === true) hasEnded = true;
        else {
          const result = run(done.item.value);
          result.catch(() => undefined);
          running.push(result);
        }
      }
    }
  } finally {
    const isEarly = !hasEnded || running.length > 0;
    if (isEarly) stop();
    await Promise.allSettled([...running, reading]);
    if (!hasEnded) await Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
