/** The chunks of WAV (RIFF) and AIFF (IFF) files. */
import { textAt, viewOf } from '../base/bytes.ts';

export interface Chunk {
  readonly id: string;
  /** The length that its header declares. */
  readonly declaredByteLength: number;
  /** The part of it that the file holds. */
  readonly body: Uint8Array;
  /** Everything after its header, to the end of the file. */
  readonly rest: Uint8Array;
}

const FILE_HEADER_BYTES = 12;
export const CHUNK_HEADER_BYTES = 8;
/** In a chunk's header, this size means that the chunk `ds64` holds the real size, which needs more than 32 bits. */
const SIZE_IN_DS64 = 0xffffffff;
const FILE_IDS = /^(RIFF|RF64|BW64|FORM)$/;
const CHUNK_IDS = /^(fmt |data|fact|LIST|COMM|SSND)$/;

/** The chunks of a file, and of files that were appended to it. */
export function* readChunks(bytes: Uint8Array, isLittleEndian: boolean): Generator<Chunk> {
  const view = viewOf(bytes);
  let dataByteLength: number | undefined;
  for (let offset = 0; offset + CHUNK_HEADER_BYTES <= bytes.length;) {
    const id = textAt(bytes, offset, 4);
    if (FILE_IDS.test(id)) {
      offset += FILE_HEADER_BYTES;
      continue;
    }
    // Zeros after the last chunk would read as endless empty chunks.
    if (id === '\0\0\0\0') return;
    const size = view.getUint32(offset + 4, isLittleEndian);
    const declaredByteLength =
      id === 'data' && size === SIZE_IN_DS64 && dataByteLength !== undefined ? dataByteLength : size;
    const rest = bytes.subarray(offset + CHUNK_HEADER_BYTES);
    const body = rest.subarray(0, declaredByteLength);
    if (id === 'ds64' && body.length >= 16) dataByteLength = Number(viewOf(body).getBigUint64(8, true));
    yield { id, declaredByteLength, body, rest };
    offset += CHUNK_HEADER_BYTES + declaredByteLength;
    // Chunks of odd length are followed by one byte of padding, which some programs forget.
    if (declaredByteLength % 2 === 1 && !CHUNK_IDS.test(textAt(bytes, offset, 4))) offset += 1;
  }
}
