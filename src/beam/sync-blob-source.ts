/** Files that the user of a page chose, read without waiting: workers alone can. */
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ByteSource } from '../base/files.ts';
import { blobSource } from '../files/blob-source.ts';

/** Of the types of workers. */
declare const FileReaderSync: (new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer }) | undefined;

export const readsBlobsSync = (): boolean => typeof FileReaderSync === 'function';

export const syncBlobSource = (blob: Blob, name: string): ByteSource => ({
  ...blobSource(blob, name),
  readSync(byteOffset, into) {
    if (!FileReaderSync) throw new UniSpeechError('unsupported', `${name} cannot be read without waiting.`);
    try {
      const part = new FileReaderSync().readAsArrayBuffer(
        blob.slice(byteOffset, byteOffset + into.byteLength),
      );
      into.set(new Uint8Array(part));
    } catch (cause) {
      throw new UniSpeechError(
        'bad-checkpoint',
        `${name} cannot be read any more: ${messageOf(cause)}`,
        'The file was changed or removed since it was chosen: choose it again.',
        { cause },
      );
    }
  },
});
