/** The steps of a profile as spans of one track. */
import type { RunProfile, TimedStep } from '../speech/core/runner.ts';

export interface GpuSpan {
  readonly step: TimedStep;
  /** Milliseconds of `performance.now()`. */
  readonly start: number;
  readonly end: number;
}

/**
 * In order and without overlaps, which viewers cannot draw on one track: a GPU may begin a step while the one before it ends,
 * and browsers round times. A step that began early is drawn from the end of those before it; its `nanoseconds` stay as measured.
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

/** Units a nanosecond are 10⁹ units a second; undefined where the time was rounded to none. */
export const perSecond = (count: number, nanoseconds: number): number | undefined =>
  nanoseconds > 0 ? count / nanoseconds : undefined;
