/** Grids for one-dimensional work: a dimension of a dispatch holds 65535 workgroups only. */

/** Spreads `count` workgroups over (x, y); the shader's index is `y · grid.x + x` and may pass the end. */
export function spreadWorkgroups(count: number, maxPerDimension: number): readonly [number, number, number] {
  const x = Math.min(count, maxPerDimension);
  return [x, Math.ceil(count / x), 1];
}
