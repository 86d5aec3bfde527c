export function untar(archive: Buffer): Map<string, Buffer>;
export function findBundledArchive(fileName: string): string | undefined;
