/** A file that begins later in its sound: a header and the rest of the file. */
import type { ByteStream, RandomBytes } from '../base/sound-stream.ts';

/** A file that begins later in the sound. */
export interface SeekedFile {
  readonly bytes: ByteStream;
  /** Of the sound in front of it, at the file's own rate. */
  readonly skippedFrames: number;
  /** In Hz. */
  readonly sampleRate: number;
}

/** Where the sound has to begin at the latest, in frames of a file of this rate. */
export type WantedFrame = (sampleRate: number) => number;

/** A header, and what a file has from a place on. */
export const joinedFile = (header: Uint8Array, file: RandomBytes, offset: number): ByteStream => ({
  blocks: {
    async *[Symbol.asyncIterator]() {
      yield header;
      yield* file.from(offset);
    },
  },
  byteLength: header.length + file.byteLength - offset,
});
