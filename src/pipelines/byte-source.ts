/** The bytes of audio files that callers hold: in memory, or picked on a page. */
import { isArrayBuffer, isBlob, isView, messageOf, tagOf } from '../base/checks.ts';
import { joinBytes } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ByteStream } from '../base/sound-stream.ts';
import { streamBlocks } from '../base/stream-blocks.ts';

const isShared = ({ buffer }: Uint8Array): boolean => tagOf(buffer) === 'SharedArrayBuffer';

/** The bytes of a file that is in memory; undefined for anything else. */
export function memoryOf(source: unknown): Uint8Array | undefined {
  let view = source;
  if (isArrayBuffer(source)) view = new Uint8Array(source);
  if (isView(source, 'DataView')) view = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (!isView(view, 'Uint8Array')) return undefined;
  // Shared memory may change while a decoder reads it, and most decoders refuse it.
  return isShared(view) ? new Uint8Array(view) : view;
}

/** The bytes of a file that was picked on a page, bit by bit. @throws UniSpeechError `not-found`. */
export async function* readBlob(blob: Blob, name: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* streamBlocks(blob.stream());
  } catch (cause) {
    // The file on disk changed or disappeared after it was picked.
    const reason = messageOf(cause);
    throw new UniSpeechError('not-found', `${name} could not be read: ${reason}.`, 'Pick the file again.', {
      cause,
    });
  }
}

/** Such a file as a stream, which can also be read in any place. */
export const blobBytes = (blob: Blob, name: string): ByteStream => ({
  blocks: { [Symbol.asyncIterator]: () => readBlob(blob, name) },
  byteLength: blob.size,
  openRandom: () =>
    Promise.resolve({
      byteLength: blob.size,
      read: async (offset, byteLength) => {
        const blocks: Uint8Array[] = [];
        for await (const block of readBlob(blob.slice(offset, offset + byteLength), name)) blocks.push(block);
        return joinBytes(blocks);
      },
      from: (offset) => readBlob(blob.slice(offset), name),
      close: () => Promise.resolve(),
    }),
});

/** The name of a `File`. The `name` of a plain object is passed through instead. */
export const fileName = (source: unknown): string | undefined =>
  isBlob(source) && 'name' in source && typeof source.name === 'string' && source.name !== ''
    ? source.name
    : undefined;
