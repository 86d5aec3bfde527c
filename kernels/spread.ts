/** Grids for one-dimensional work, because a dimension of a dispatch holds only 65535 workgroups. */

/** Spreads `count` workgroups over (x, y). The shader's index is `y · grid.x + x` and may exceed the count. */
export function spreadWorkgroups(count: number, maxPerDimension: number): readonly [number, number, number] {
  const x = Math.min(count, maxPerDimension);
  return [x, Math.ceil(count / x), 1];
}
