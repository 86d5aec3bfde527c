/** What a generator returns, without a pause. */
export function resultOf<Result>(steps: Generator<unknown, Result, undefined>): Result {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
