/** Long work in pieces, so that a page stays alive and a signal is heard; or all at once. */

/** How long the work goes on at a time, in milliseconds. */
const SLICE_MILLISECONDS = 30;

/**
 * Runs a generator to its end. Between slices of some milliseconds other work of the thread has its turn.
 * @param onStep told what the generator yields, once a slice.
 * @throws the signal's reason.
 */
export async function inSteps<Step, Result>(
  steps: Generator<Step, Result, undefined>,
  signal: AbortSignal | undefined,
  onStep?: (step: Step) => void,
): Promise<Result> {
  let sliceStart = performance.now();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    if (performance.now() - sliceStart < SLICE_MILLISECONDS) continue;
    onStep?.(step.value);
    await new Promise((resolve) => void setTimeout(resolve));
    signal?.throwIfAborted();
    sliceStart = performance.now();
  }
}

/** Runs a generator to its end, for callers that cannot wait. */
export function atOnce<Result>(steps: Generator<unknown, Result, undefined>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
