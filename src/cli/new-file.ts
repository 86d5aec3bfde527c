/** A file that a command writes, in any order. */
import { open, type FileHandle } from 'node:fs/promises';
import { writeAll } from '../platform/whole-files.ts';

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

  /** Writes all bytes. */
  writeAt(byteOffset: number, bytes: Uint8Array): Promise<void> {
    return writeAll(this.#file, bytes, byteOffset);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
