/** Medians, spreads and paired ratios of timings. */

/** A sample of timings, told by three numbers. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle value; of an even count the mean of the two middle ones. @throws Error for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('the median of no values');
  return (lower + upper) / 2;
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * `values[i] / baseline[i]` round by round: what slows the machine down for a while slows both halves of a pair, so the
 * ratio of a pair is steadier than the ratio of two medians.
 */
export function pairedRatio(values: readonly number[], baseline: readonly number[]): Spread {
  if (values.length !== baseline.length) {
    throw new Error(`${values.length} timings cannot be paired with ${baseline.length}`);
  }
  return spread(values.map((value, index) => value / (baseline[index] ?? NaN)));
}

/** The largest |a - b| relative to the largest |b|. NaN anywhere gives NaN, which is no small difference. */
export function relativeDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const expected = b[i] ?? NaN;
    // Math.max hands NaN on; a comparison would drop it.
    difference = Math.max(difference, Math.abs((a[i] ?? NaN) - expected));
    largest = Math.max(largest, Math.abs(expected));
  }
  return difference === 0 ? 0 : difference / largest;
}
