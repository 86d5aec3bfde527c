/** Where uploads lie until they are recognised: files without the client's names, and no more bytes than allowed. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ApiError } from './api-error.ts';

export class Spool {
  #openUploadCount = 0;
  #byteLength = 0;

  constructor(
    readonly folder: string,
    readonly limits: { readonly maxOpenUploads: number; readonly maxSpoolBytes: number },
  ) {}

  /** Makes the folder, empty and closed to other users. */
  async prepare(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get openUploadCount(): number {
    return this.#openUploadCount;
  }

  /**
   * Room for an upload.
   * @param expectedBytes as the client announces it.
   * @param folder where its file goes, if it is to stay.
   * @throws ApiError `queue_full`
   */
  open(expectedBytes: number, folder = this.folder): SpooledUpload {
    const { maxOpenUploads } = this.limits;
    if (this.#openUploadCount >= maxOpenUploads) {
      throw new ApiError(
        'queue_full',
        `${this.#openUploadCount} uploads are under way, and the server takes ${maxOpenUploads} at once. Try again later.`,
      );
    }
    this.#checkRoom(expectedBytes);
    this.#openUploadCount += 1;
    return new SpooledUpload(`upload-${randomBytes(12).toString('hex')}`, folder, {
      take: (byteLength) => {
        this.#checkRoom(byteLength);
        this.#byteLength += byteLength;
      },
      give: (byteLength) => (this.#byteLength -= byteLength),
      close: () => (this.#openUploadCount -= 1),
    });
  }

  #checkRoom(more: number): void {
    const { maxSpoolBytes } = this.limits;
    if (this.#byteLength + more <= maxSpoolBytes) return;
    throw new ApiError(
      'queue_full',
      `The uploads that wait have ${this.#byteLength} bytes, and with this one they would have more than the ${maxSpoolBytes} that the server keeps. Try again later.`,
    );
  }
}

interface SpoolAccount {
  readonly take: (byteLength: number) => void;
  readonly give: (byteLength: number) => void;
  readonly close: () => void;
}

/** One file of the spool, and its share of the bytes. */
export class SpooledUpload {
  #byteLength = 0;
  #isOpen = true;

  readonly file: string;

  constructor(
    /** Unique, and no part of it comes from the client. */
    readonly id: string,
    folder: string,
    readonly account: SpoolAccount,
  ) {
    this.file = path.join(folder, id);
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /** Bytes that are about to be written. @throws ApiError `queue_full` */
  grow(byteLength: number): void {
    this.account.take(byteLength);
    this.#byteLength += byteLength;
  }

  /** All bytes are there, or none will come any more. */
  closeUpload(): void {
    if (this.#isOpen) this.account.close();
    this.#isOpen = false;
  }

  /** Removes the file and gives its room back. */
  async remove(): Promise<void> {
    this.closeUpload();
    this.release();
    await rm(this.file, { force: true });
  }

  /** Gives the room back and leaves the file: it belongs to a job from now on. */
  release(): void {
    this.account.give(this.#byteLength);
    this.#byteLength = 0;
  }
}
