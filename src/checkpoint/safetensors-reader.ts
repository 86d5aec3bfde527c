/** The reader of safetensors files: the header first, then ranges of bytes. */
import { UniSpeechError } from '../base/errors.ts';
import type { ByteSource } from '../base/files.ts';
import { STAND_IN_BYTE_LENGTH, standInOfBinary } from '../base/stand-in.ts';
import type { CheckpointReader, StoredTensor } from './reader.ts';
import { LENGTH_FIELD_BYTE_LENGTH, headerByteLength, parseHeader } from './safetensors.ts';

export const safetensorsReader: CheckpointReader = {
  fileName: 'model.safetensors',
  indexName: 'model.safetensors.index.json',
  extension: 'safetensors',

  async open(source, signal) {
    const header = await readHeader(source, signal);
    const entries = parseHeader(header, source.byteLength, source.name);
    return new Map(
      Array.from(entries, ([name, entry]): [string, StoredTensor] => [
        name,
        {
          ...entry,
          readBytes: (byteOffset, byteLength, ...rest) =>
            source.read(entry.byteOffset + byteOffset, byteLength, ...rest),
        },
      ]),
    );
  },
};

/** The file from its start to the end of the header. */
async function readHeader(source: ByteSource, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { name, byteLength } = source;
  const start = await source.read(0, Math.min(LENGTH_FIELD_BYTE_LENGTH, byteLength), signal);
  let jsonByteLength: number;
  try {
    jsonByteLength = headerByteLength(start, byteLength, name);
  } catch (error) {
    const restByteLength = Math.min(STAND_IN_BYTE_LENGTH, byteLength) - start.byteLength;
    const rest = await source.read(start.byteLength, restByteLength, signal);
    const standIn = standInOfBinary(Uint8Array.of(...start, ...rest));
    if (byteLength === 0 || standIn === undefined) throw error;
    throw new UniSpeechError('bad-checkpoint', `${name} is ${standIn.what}.`, standIn.fix, { cause: error });
  }
  const header = new Uint8Array(LENGTH_FIELD_BYTE_LENGTH + jsonByteLength);
  header.set(start);
  header.set(await source.read(start.byteLength, jsonByteLength, signal), start.byteLength);
  return header;
}
