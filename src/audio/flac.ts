/** Cuts a FLAC file (RFC 9639) into what a decoder of single frames takes. */
import { crcStep, crcTable } from './crc.ts';

export interface FlacFrames {
  /** `fLaC` and the STREAMINFO block. */
  readonly header: Uint8Array;
  /** Views on the file, in order; a cut last frame is left out. */
  readonly frames: readonly Uint8Array[];
  /** Behind the last whole frame. */
  readonly restByteLength: number;
}

const STREAMINFO_END = 42;
/** CRC-16 with the polynomial 0x8005: over a frame and its own checksum it is 0. */
const CRC_TABLE = crcTable(0x80050000);

/** Where one frame ends is known only by decoding it, or, as here, by its checksum and the start of the next one. */
export function findFlacFrames(bytes: Uint8Array): FlacFrames {
  let start = 4;
  for (let isLast = false; !isLast && start < bytes.length;) {
    const [head = 0, high = 0, middle = 0, low = 0] = bytes.subarray(start, start + 4);
    isLast = head >= 128;
    start += 4 + high * 65_536 + middle * 256 + low;
  }
  const frames: Uint8Array[] = [];
  /** 0xF8 or 0xF9, the same in all frames. */
  const secondByte = bytes[start + 1];
  let crc = 0;
  for (let offset = start; bytes[start] === 0xff && offset < bytes.length;) {
    crc = crcStep(CRC_TABLE, crc, bytes[offset] ?? 0);
    offset += 1;
    const isStart = bytes[offset] === 0xff && bytes[offset + 1] === secondByte;
    if (crc === 0 && (isStart || offset === bytes.length)) {
      frames.push(bytes.subarray(start, offset));
      start = offset;
    }
  }
  return { header: bytes.subarray(0, STREAMINFO_END), frames, restByteLength: bytes.length - start };
}
