/** A search by halving. */

/** The smallest whole number in [low, high] that passes, else high. All numbers above one that passes must pass, too. */
export function smallestPassing(low: number, high: number, passes: (value: number) => boolean): number {
  let [below, above] = [low, high];
  while (below < above) {
    const middle = Math.floor((below + above) / 2);
    if (passes(middle)) above = middle;
    else below = middle + 1;
  }
  return above;
}
