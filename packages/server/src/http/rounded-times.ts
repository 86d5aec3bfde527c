/** Times as answers have them: to a millisecond, in order, within the clip. Pure. */

/** To milliseconds: no digits that floating point made up. */
export const toMilliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;

export interface Timed {
  readonly start: number;
  readonly end: number;
}

/** Rounds the times of units that follow each other. They never go back, and lie between 0 and the length of the clip. */
export function roundedTimes<Unit extends Timed>(
  units: readonly Unit[],
  durationSeconds: number,
): readonly Unit[] {
  const last = toMilliseconds(durationSeconds);
  let earliest = 0;
  return units.map((unit) => {
    const start = Math.min(last, Math.max(earliest, toMilliseconds(unit.start)));
    earliest = start;
    return { ...unit, start, end: Math.min(last, Math.max(start, toMilliseconds(unit.end))) };
  });
}
