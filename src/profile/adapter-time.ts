/** How long the adapter had work, and how long it had none, over runs that may overlap. */
import type { BusySpan } from '../graph/run.ts';

export interface AdapterTime {
  /** From the first submit to the end of the last one. */
  readonly milliseconds: number;
  /** Of these, without submitted work. */
  readonly idleMilliseconds: number;
}

export function adapterTime(busy: readonly BusySpan[]): AdapterTime {
  let first: number | undefined;
  let end = 0;
  let idleMilliseconds = 0;
  for (const span of busy.toSorted((a, b) => a.start - b.start)) {
    if (first === undefined) first = span.start;
    else idleMilliseconds += Math.max(0, span.start - end);
    end = Math.max(end, span.end);
  }
  return { milliseconds: end - (first ?? 0), idleMilliseconds };
}
