/** Ranged reads of a file that the user of a page dropped or chose. */
import type { ByteSource } from '../base/files.ts';
import { UniSpeechError } from '../base/errors.ts';

export const blobSource = (blob: Blob, name: string): ByteSource => ({
  name,
  byteLength: blob.size,
  async read(byteOffset, byteLength, signal) {
    signal?.throwIfAborted();
    const part = await blob.slice(byteOffset, byteOffset + byteLength).arrayBuffer();
    if (part.byteLength < byteLength)
      throw new UniSpeechError(
        'bad-checkpoint',
        `${name} ends at byte ${byteOffset + part.byteLength}, expected bytes up to ${byteOffset + byteLength}.`,
        'The file became shorter while it was read: choose it again.',
      );
    return new Uint8Array(part);
  },
  close: () => Promise.resolve(),
});
