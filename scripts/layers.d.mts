/** Folder → the folders that its modules may import, lowest first. */
export const LAYERS: Readonly<Record<string, readonly string[]>>;
