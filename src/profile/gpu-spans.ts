/** The steps of a profile as spans of one track. */
import type { RunProfile, TimedStep } from '../speech/core/batch-parts.ts';

export interface GpuSpan {
  readonly step: TimedStep;
  /** Milliseconds of `performance.now()`. */
  readonly start: number;
  readonly end: number;
}

/**
 * Returns spans in order and without overlaps, because viewers cannot draw overlaps on one track. A GPU may begin a step while the
 * previous one ends, and browsers round times. Such a step is drawn from the end of the previous ones; its `nanoseconds` stay as measured.
 */
export function gpuSpans({ steps }: Pick<RunProfile, 'steps'>): GpuSpan[] {
  let free = -Infinity;
  return steps
    .toSorted((a, b) => a.startMilliseconds - b.startMilliseconds)
    .map((step) => {
      const start = Math.max(free, step.startMilliseconds);
      const end = Math.max(start, step.startMilliseconds + step.nanoseconds / 1e6);
      free = end;
      return { step, start, end };
    });
}

/** Units per nanosecond are 10⁹ units per second; undefined if the time was rounded to zero. */
export const perSecond = (count: number, nanoseconds: number): number | undefined =>
  nanoseconds > 0 ? count / nanoseconds : undefined;
