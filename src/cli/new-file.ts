/** A file that a command writes, in any order. */
import { open, type FileHandle } from 'node:fs/promises';

export class NewFile implements AsyncDisposable {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @param start its first bytes. */
  static async create(filePath: string, start: Uint8Array): Promise<NewFile> {
    const file = new NewFile(await open(filePath, 'wx'));
    try {
      await file.writeAt(0, start);
      return file;
    } catch (error) {
      await file[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Writes all bytes, because a single write may take fewer. */
  async writeAt(byteOffset: number, bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.byteLength;) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        written,
        bytes.byteLength - written,
        byteOffset + written,
      );
      written += bytesWritten;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
