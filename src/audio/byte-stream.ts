/** Reads the bytes of audio files as they come, from wherever they come. */
import { abortable } from '../base/abortable.ts';
import { joinBytes } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ByteStream, RandomBytes } from '../base/sound-stream.ts';

/** A block larger than this is given in several, so that no more than its sound is ever decoded at once. */
const MAX_BLOCK_BYTES = 2 ** 18;
/** After so many bytes without sound it is too late to begin again, unless they are in memory in any case. */
const MAX_KEPT_BYTES = 2 ** 26;

/** Bytes that are in memory already. */
export const bytesInMemory = (bytes: Uint8Array): ByteStream => ({
  blocks: {
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(bytes);
    },
  },
  byteLength: bytes.length,
  openRandom: () => Promise.resolve(randomBytes(bytes)),
});

const randomBytes = (bytes: Uint8Array): RandomBytes => ({
  byteLength: bytes.length,
  read: (offset, byteLength) => Promise.resolve(bytes.subarray(offset, offset + byteLength)),
  from: (offset) => bytesInMemory(bytes.subarray(offset)).blocks,
  close: () => Promise.resolve(),
});

/** Most machines lack the memory for more bytes, and Node and browsers have limits near this one. */
const MAX_WHOLE_BYTES = 2 ** 31 - 1;

/**
 * Reads a file that is needed whole. @param name shown in errors.
 * @throws UniSpeechError `bad-audio` for more bytes than one array may have; what the blocks throw.
 */
export async function readAll(
  blocks: AsyncIterable<Uint8Array>,
  name: string,
  maxByteLength = MAX_WHOLE_BYTES,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let byteLength = 0;
  for await (const block of blocks) {
    byteLength += block.length;
    if (byteLength > maxByteLength) {
      throw new UniSpeechError(
        'bad-audio',
        `${name} has more than ${maxByteLength} bytes, the most that can be read of a file that is needed whole.`,
        'Cut it into parts, or store it as FLAC or Opus.',
      );
    }
    parts.push(block);
  }
  const [first] = parts;
  return first && parts.length === 1 ? first : joinBytes(parts);
}

/** Reads a stream of bytes, at first several times: what it holds shows only after a while. */
export class RewindableBytes {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #declaredByteLength: number | undefined;
  /** The read that is under way. It goes on when the one who waits for it is stopped. */
  #reading: Promise<Uint8Array | undefined> | undefined;
  #stopper = new AbortController();
  #failure: { readonly error: unknown } | undefined;
  #kept: Uint8Array[] = [];
  #byteLength = 0;
  #isKeeping = true;
  #isComplete = false;

  constructor({ blocks, byteLength }: ByteStream) {
    this.#iterator = blocks[Symbol.asyncIterator]();
    this.#declaredByteLength = byteLength;
  }

  /** All bytes that have come. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Whether `all` can be called once more. */
  get canRewind(): boolean {
    return this.#isKeeping;
  }

  /** Whether no bytes follow those that have come. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether it is known that they end: a stream of something that happens now may not. */
  get isFinite(): boolean {
    return this.#isComplete || this.#declaredByteLength !== undefined;
  }

  /** Whether the source itself has thrown this. */
  hasThrown(error: unknown): boolean {
    return this.#failure !== undefined && this.#failure.error === error;
  }

  /** The bytes that came so far, while all of them are kept. */
  kept(): Uint8Array {
    const [first] = this.#kept;
    return first && this.#kept.length === 1 ? first : joinBytes(this.#kept);
  }

  /** Keeps no more bytes than those that the running `all` has not given yet. */
  forget(): void {
    this.#isKeeping = false;
  }

  /** From the first byte on. Only one of them may run. @param skippedByteLength leaves out so many bytes. */
  async *all(skippedByteLength = 0): AsyncGenerator<Uint8Array, void, undefined> {
    let rest = skippedByteLength;
    for (let index = 0; ; index += 1) {
      const block = this.#kept[index] ?? (await this.#next());
      if (!block) return;
      const skipped = Math.min(rest, block.length);
      rest -= skipped;
      for (let start = skipped; start < block.length; start += MAX_BLOCK_BYTES)
        yield block.subarray(start, start + MAX_BLOCK_BYTES);
      if (this.#isKeeping) continue;
      this.#kept.splice(0, index + 1);
      index = -1;
    }
  }

  /** Ends an `all` that waits for the source, as if no bytes followed. Another one can begin. */
  stop(): void {
    this.#stopper.abort();
    this.#stopper = new AbortController();
  }

  /** Closes the source. One that is being read closes when its next bytes come, which is not waited for. */
  async close(): Promise<void> {
    this.stop();
    this.#kept = [];
    if (this.#isComplete) return;
    const closing = (async () => this.#iterator.return?.())();
    if (this.#reading) closing.catch(() => undefined);
    else await closing;
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#failure) throw this.#failure.error;
    if (this.#isComplete) return undefined;
    const { signal } = this.#stopper;
    this.#reading ??= this.#read();
    try {
      return await abortable(this.#reading, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async #read(): Promise<Uint8Array | undefined> {
    try {
      const next = await this.#iterator.next();
      if (next.done === true) {
        this.#isComplete = true;
        return undefined;
      }
      const { value } = next;
      if (this.#byteLength > 0 && this.#byteLength + value.length > MAX_KEPT_BYTES) this.#isKeeping = false;
      this.#byteLength += value.length;
      this.#kept.push(value);
      return value;
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#reading = undefined;
    }
  }
}
