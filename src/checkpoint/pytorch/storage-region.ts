/** A stretch of a file with a head in front of it, which is read and checked before the first bytes behind it. */
import type { ByteSource } from '../../base/files.ts';

/** Up to here head and content are read at once: most tensors are small, and a read takes longer than its bytes. */
const SMALL_BYTE_LENGTH = 64 * 1024;

export class StorageRegion {
  readonly #source: ByteSource;
  readonly #end: number;
  readonly #headByteLength: number;
  readonly #dataOffsetOf: (head: Uint8Array) => number;
  #dataOffset: number | undefined;

  /**
   * @param headOffset where the head begins in the file.
   * @param byteLength of what is behind the head.
   * @param end of the stretch: nothing else lies in front of it.
   * @param dataOffsetOf checks the head and tells where in the file its data begins.
   */
  constructor(
    source: ByteSource,
    readonly headOffset: number,
    headByteLength: number,
    readonly byteLength: number,
    end: number,
    dataOffsetOf: (head: Uint8Array) => number,
  ) {
    this.#source = source;
    this.#end = end;
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
    const source = this.#source;
    if (this.#dataOffset === undefined) {
      // The head is read right before its data: a download then only goes forward.
      const stretchByteLength = this.#end - this.headOffset;
      const isSmall = stretchByteLength <= SMALL_BYTE_LENGTH;
      const bytes = await source.read(
        this.headOffset,
        isSmall ? stretchByteLength : this.#headByteLength,
        signal,
      );
      this.#dataOffset = this.#dataOffsetOf(bytes);
      const start = this.#dataOffset - this.headOffset + byteOffset;
      if (isSmall) return bytes.subarray(start, start + byteLength);
    }
    return source.read(this.#dataOffset + byteOffset, byteLength, signal, into);
  }
}
