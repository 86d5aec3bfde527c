/** Probabilities of logits. */

/** In float64. */
export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** In float64. Without the largest logit, exponentials could be infinite. */
export function softmax(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits);
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = values.map((value) => Math.exp(value - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}
