/** The bytes of audio files that were picked on a page. */
import { messageOf } from '../base/checks.ts';
import { joinBytes } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ByteStream } from '../base/sound-stream.ts';
import { streamBlocks } from '../base/stream-blocks.ts';

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
