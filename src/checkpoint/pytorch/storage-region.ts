/** A stretch of a file with a head in front of it, which is read and checked before the first bytes behind it. */
import type { ByteSource } from '../../base/files.ts';

export class StorageRegion {
  readonly #source: ByteSource;
  readonly #headByteLength: number;
  readonly #dataOffsetOf: (head: Uint8Array) => number;
  #dataOffset: number | undefined;

  /**
   * @param headOffset where the head begins in the file.
   * @param byteLength of what is behind the head.
   * @param dataOffsetOf checks the head and tells where in the file its data begins.
   */
  constructor(
    source: ByteSource,
    readonly headOffset: number,
    headByteLength: number,
    readonly byteLength: number,
    dataOffsetOf: (head: Uint8Array) => number,
  ) {
    this.#source = source;
    this.#headByteLength = headByteLength;
    this.#dataOffsetOf = dataOffsetOf;
  }

  /** Reads as `ByteSource.read` does, from the first byte behind the head on. */
  async read(
    byteOffset: number,
    byteLength: number,
    signal?: AbortSignal,
    into?: ArrayBuffer,
  ): Promise<Uint8Array> {
    // Just before its data, so that a download needs not go back.
    this.#dataOffset ??= this.#dataOffsetOf(
      await this.#source.read(this.headOffset, this.#headByteLength, signal),
    );
    return this.#source.read(this.#dataOffset + byteOffset, byteLength, signal, into);
  }
}
