/** Files that are written whole or not at all. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, rename, rm } from 'node:fs/promises';

/**
 * Makes a file under a name of its own, and gives it its name when it is whole.
 * @param write makes the file of the temporary name, which is gone again if this fails.
 */
export async function writeWhole(file: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await write(temporary);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Writes all bytes, because a single write may take fewer. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, byteOffset: number): Promise<void> {
  for (let written = 0; written < bytes.byteLength;) {
    const { bytesWritten } = await file.write(
      bytes,
      written,
      bytes.byteLength - written,
      byteOffset + written,
    );
    written += bytesWritten;
  }
}
