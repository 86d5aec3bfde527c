export function shortNames(sources: readonly string[]): ReadonlyMap<string, string>;
export function renameAll(source: string, names: ReadonlyMap<string, string>): string;
