/** Reads the body of a response bit by bit. */

import { heldWhile } from '../base/held.ts';

/** A plain reader leaves the memory that it is offered alone. */
interface PlainReader {
  read(
    memory: Uint8Array<ArrayBuffer>,
  ): Promise<{ readonly done: boolean; readonly value?: Uint8Array<ArrayBuffer> | undefined }>;
  cancel(): Promise<void>;
}

const BYTE_LENGTH = 256 * 1024;

/** Of a body that was read to its end. A kept model has a body for each 4 MiB. */
let spareMemory: ArrayBuffer | undefined;

/**
 * Where the browser can, every read uses the same memory again: a model's worth of small arrays would otherwise fill the
 * heap faster than the garbage collector, which hardly sees their size, empties it.
 */
export class BodyReader {
  readonly #reader: PlainReader;
  #memory: ArrayBuffer;

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = readerOf(body);
    // A stream that has taken it leaves no bytes.
    this.#memory = spareMemory?.byteLength === BYTE_LENGTH ? spareMemory : new ArrayBuffer(BYTE_LENGTH);
    spareMemory = undefined;
  }

  /** The next bytes, valid until the next call; undefined at the end. */
  async read(): Promise<Uint8Array | undefined> {
    const { done, value } = await heldWhile(this.#reader, this.#reader.read(new Uint8Array(this.#memory)));
    if (value) this.#memory = value.buffer;
    if (!done) return value;
    // A plain reader ends without a value: its memory may be that of the last bytes, which are somebody else's.
    if (value) spareMemory = value.buffer;
    return undefined;
  }

  /** Lets the connection go. A body that has failed already rejects again; that failure was seen where it was read. */
  cancel(): void {
    this.#reader.cancel().catch(() => undefined);
  }
}

function readerOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): PlainReader {
  try {
    return body.getReader({ mode: 'byob' });
  } catch {
    return body.getReader();
  }
}
