/** The chunks of WAV (RIFF) and AIFF (IFF) files. */
import { textAt, viewOf } from '../base/bytes.ts';

export interface Chunk {
  readonly id: string;
  /** As its header says. */
  readonly declaredByteLength: number;
  /** What the file has of it. */
  readonly body: Uint8Array;
  /** Everything behind its header, to the end of the file. */
  readonly rest: Uint8Array;
}

const FILE_HEADER_BYTES = 12;
export const CHUNK_HEADER_BYTES = 8;
/** The size in a chunk's header that stands for the one in the chunk `ds64`, as 32 bits are too few for it. */
const SIZE_IN_DS64 = 0xffffffff;
const FILE_IDS = /^(RIFF|RF64|BW64|FORM)$/;
const CHUNK_IDS = /^(fmt |data|fact|LIST|COMM|SSND)$/;

/** The chunks of a file, and of those that were joined behind it. */
export function* readChunks(bytes: Uint8Array, isLittleEndian: boolean): Generator<Chunk> {
  const view = viewOf(bytes);
  let dataByteLength: number | undefined;
  for (let offset = 0; offset + CHUNK_HEADER_BYTES <= bytes.length;) {
    const id = textAt(bytes, offset, 4);
    if (FILE_IDS.test(id)) {
      offset += FILE_HEADER_BYTES;
      continue;
    }
    // Zeros behind the last chunk would be chunks without an end.
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
