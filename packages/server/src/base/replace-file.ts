/** Files that are whole or not there, whatever is killed while they are written. */
import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file under another name, forces it to the disk, and renames it into place.
 * @param scratch the other name, in the same folder; it is gone after an error.
 * @param flags `wx` where the name is nobody else's; `w` where a process that was killed may have left it.
 */
export async function replaceFile(
  file: string,
  scratch: string,
  text: string,
  { flags, mode }: { readonly flags: 'w' | 'wx'; readonly mode?: number },
): Promise<void> {
  try {
    const handle = await open(scratch, flags, mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(scratch, file);
  } catch (error) {
    await rm(scratch, { force: true });
    throw error;
  }
}
