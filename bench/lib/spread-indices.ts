/** Which elements of a result are held against float64, where all would take too long. */

/** Evenly spread over [0, count), first and last included. */
export function spreadIndices(count: number, samples: number): readonly number[] {
  const steps = Math.max(1, samples - 1);
  return [...new Set(Array.from({ length: samples }, (_, i) => Math.round((i * (count - 1)) / steps)))];
}
