/** What lies in a folder, as one object that a test can compare. */
import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

/** Longer files are shown by their SHA-256. */
const MAX_SHOWN_BYTE_LENGTH = 300;

/** Path → content, or `-> target` for a link; sorted. */
export async function folderListing(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const shown = entries
    .filter((entry) => !entry.isDirectory())
    .map(async (entry) => {
      const file = path.join(entry.parentPath, entry.name);
      const name = path.relative(folder, file).split(path.sep).join('/');
      if (entry.isSymbolicLink()) return [name, `-> ${await readlink(file)}`] as const;
      const content = await readFile(file);
      const isShort = content.byteLength <= MAX_SHOWN_BYTE_LENGTH;
      return [name, isShort ? String(content) : createHash('sha256').update(content).digest('hex')] as const;
    });
  return Object.fromEntries((await Promise.all(shown)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
