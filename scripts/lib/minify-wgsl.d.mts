export function minifyWgsl(source: string): string;
export function joinLines(code: string): string;
export function minifiedShaders(folder: string): ReadonlyMap<string, string>;
export function uniformNames(folder: string): string[];
