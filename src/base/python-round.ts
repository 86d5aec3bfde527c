/**
 * Rounds like Python's `round(x)`: halves go to the even neighbour (`round(0.5)` is 0, `round(2.5)` is 2).
 * The reference computes sample counts this way, so `Math.round` would move chunk borders.
 */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  if (fraction !== 0.5) return fraction < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
