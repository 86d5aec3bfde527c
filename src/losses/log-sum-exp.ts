/** Sums of probabilities that are known by their logarithms. */

/** ln Σ exp(value) in float64. Without values, or where all are −Infinity, it is −Infinity. NaN stays NaN, and +Infinity gives NaN, as in log_softmax of PyTorch. */
export function logSumExp(values: Float32Array | Float64Array | readonly number[]): number {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  if (largest === -Infinity) return largest;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
