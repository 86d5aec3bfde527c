/** Makes the checksums of Ogg pages (RFC 3533) right again after a file was changed, so that damage gets past them. */

const HEADER_BYTES = 27;
const CHECKSUM_OFFSET = 22;
const SEGMENT_COUNT_OFFSET = 26;
const CAPTURE = [0x4f, 0x67, 0x67, 0x53];

export function repairOggChecksums(bytes: Uint8Array): Uint8Array {
  const repaired = bytes.slice();
  const view = new DataView(repaired.buffer);
  for (let offset = 0; offset + HEADER_BYTES <= repaired.length;) {
    if (!CAPTURE.every((byte, index) => repaired[offset + index] === byte)) {
      offset += 1;
      continue;
    }
    const bodyOffset = offset + HEADER_BYTES + (repaired[offset + SEGMENT_COUNT_OFFSET] ?? 0);
    const segments = repaired.subarray(offset + HEADER_BYTES, bodyOffset);
    const end = segments.reduce((sum, length) => sum + length, bodyOffset);
    if (end > repaired.length) {
      offset += 1;
      continue;
    }
    view.setUint32(offset + CHECKSUM_OFFSET, 0, true);
    view.setUint32(offset + CHECKSUM_OFFSET, checksum(repaired.subarray(offset, end)), true);
    offset = end;
  }
  return repaired;
}

/** Bit by bit and on its own: the code under test has a table. */
function checksum(page: Uint8Array): number {
  let crc = 0;
  for (const byte of page) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  }
  return crc >>> 0;
}
