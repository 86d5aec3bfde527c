/** Finds the intact pages of an Ogg file (RFC 3533), so that decoders never see cut or damaged ones. */

const PAGE_HEADER_BYTES = 27;
const SEGMENT_COUNT_OFFSET = 26;
const CHECKSUM_OFFSET = 22;
const CAPTURE_PATTERN = [0x4f, 0x67, 0x67, 0x53]; // "OggS"

/** CRC-32 of the bytes 0 to 255: polynomial 0x04C11DB7, most significant bit first. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = (remainder << 1) ^ (remainder < 0 ? 0x04c11db7 : 0);
  }
  return remainder;
});

/** The pages that are whole and have the right checksum, in order, as views on `bytes`. */
export function findOggPages(bytes: Uint8Array): Uint8Array[] {
  const pages: Uint8Array[] = [];
  for (let offset = 0; offset + PAGE_HEADER_BYTES <= bytes.length;) {
    const page = readPage(bytes, offset);
    if (page !== undefined) {
      pages.push(page);
      offset += page.length;
    } else {
      const next = bytes.indexOf(0x4f, offset + 1);
      if (next < 0) break;
      offset = next;
    }
  }
  return pages;
}

function readPage(bytes: Uint8Array, offset: number): Uint8Array | undefined {
  if (!CAPTURE_PATTERN.every((byte, index) => bytes[offset + index] === byte)) return undefined;
  const bodyOffset = offset + PAGE_HEADER_BYTES + (bytes[offset + SEGMENT_COUNT_OFFSET] ?? 0);
  const segmentLengths = bytes.subarray(offset + PAGE_HEADER_BYTES, bodyOffset);
  const end = segmentLengths.reduce((sum, length) => sum + length, bodyOffset);
  if (end > bytes.length) return undefined;
  const page = bytes.subarray(offset, end);
  const checksum = new DataView(page.buffer, page.byteOffset).getUint32(CHECKSUM_OFFSET, true);
  return pageChecksum(page) === checksum ? page : undefined;
}

/** The checksum counts its own four bytes as zeros. */
function pageChecksum(page: Uint8Array): number {
  let crc = 0;
  page.forEach((byte, index) => {
    const isChecksum = index >= CHECKSUM_OFFSET && index < CHECKSUM_OFFSET + 4;
    crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ (isChecksum ? 0 : byte)] ?? 0);
  });
  return crc >>> 0;
}
