/** Reads the body of a response bit by bit. */

/** A plain reader leaves the memory that it is offered alone. */
interface PlainReader {
  read(
    memory: Uint8Array<ArrayBuffer>,
  ): Promise<{ readonly done: boolean; readonly value?: Uint8Array<ArrayBuffer> | undefined }>;
  cancel(): Promise<void>;
}

const BYTE_LENGTH = 256 * 1024;

/**
 * Where the browser can, every read uses the same memory again: a model's worth of small arrays would otherwise fill the
 * heap faster than the garbage collector, which hardly sees their size, empties it.
 */
export class BodyReader {
  readonly #reader: PlainReader;
  #memory = new ArrayBuffer(BYTE_LENGTH);

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = readerOf(body);
  }

  /** The next bytes, valid until the next call; undefined at the end. */
  async read(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#reader.read(new Uint8Array(this.#memory));
    if (value) this.#memory = value.buffer;
    return done ? undefined : value;
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
