/** Long lists in errors, which are cut: what may have been meant comes first. */

/** The names, those that share most of their beginning with `wanted` first: `fra` before `abi` for `fr`. */
export function similarFirst(names: readonly string[], wanted: string): string[] {
  const shared = (name: string): number => {
    let length = 0;
    while (length < wanted.length && name[length] === wanted[length]) length++;
    return length;
  };
  return [...names].sort((a, b) => shared(b) - shared(a));
}
