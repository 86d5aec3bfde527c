export function shortNames(
  sources: readonly string[],
  isKept?: (constant: string) => boolean,
): ReadonlyMap<string, string>;
export function renameAll(source: string, names: ReadonlyMap<string, string>): string;
