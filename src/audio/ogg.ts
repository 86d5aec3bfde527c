/** Finds the intact pages of an Ogg file (RFC 3533), so that decoders never see cut or damaged ones, and their packets. */
import { crcStep, crcTable } from './crc.ts';

const PAGE_HEADER_BYTES = 27;
const FLAGS_OFFSET = 5;
const SEGMENT_COUNT_OFFSET = 26;
const CHECKSUM_OFFSET = 22;
const CAPTURE_PATTERN = [0x4f, 0x67, 0x67, 0x53]; // "OggS"

const GRANULE_OFFSET = 6;
const SERIAL_OFFSET = 14;
const SEQUENCE_OFFSET = 18;
const FLAG_CONTINUED = 1;
const CRC_TABLE = crcTable(0x04c11db7);

export interface OggPackets {
  /** Whole packets in order, headers of the codec included. */
  readonly packets: readonly Uint8Array[];
  /** The granule position of the last page: in audio, where the stream ends, in samples. */
  readonly lastGranule: number;
}

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
    crc = crcStep(CRC_TABLE, crc, isChecksum ? 0 : byte);
  });
  return crc >>> 0;
}

/** The packets of the first stream in `bytes`. A packet that lacks a part, as its page is not intact, is left out. */
export function readOggPackets(bytes: Uint8Array): OggPackets {
  const packets: Uint8Array[] = [];
  let serial: number | undefined;
  let lastGranule = 0;
  let sequence = 0;
  /** What the pages so far hold of a packet that is not whole yet; undefined while a packet without start passes. */
  let open: number[] | undefined = [];
  for (const page of findOggPages(bytes)) {
    const view = new DataView(page.buffer, page.byteOffset);
    serial ??= view.getUint32(SERIAL_OFFSET, true);
    if (serial !== view.getUint32(SERIAL_OFFSET, true)) continue;
    const granule = Number(view.getBigInt64(GRANULE_OFFSET, true));
    // -1 stands for a page in which no packet ends.
    if (granule >= 0) lastGranule = granule;
    const isContinued = ((page[FLAGS_OFFSET] ?? 0) & FLAG_CONTINUED) !== 0;
    const isNext = view.getUint32(SEQUENCE_OFFSET, true) === sequence + 1;
    sequence = view.getUint32(SEQUENCE_OFFSET, true);
    if (!isContinued) open = [];
    else if (!isNext || open?.length === 0) open = undefined;
    const segmentCount = page[SEGMENT_COUNT_OFFSET] ?? 0;
    let offset = PAGE_HEADER_BYTES + segmentCount;
    for (const length of page.subarray(PAGE_HEADER_BYTES, offset)) {
      open?.push(...page.subarray(offset, offset + length));
      offset += length;
      // A segment of 255 bytes goes on in the next one.
      if (length < 255) {
        if (open) packets.push(Uint8Array.from(open));
        open = [];
      }
    }
  }
  return { packets, lastGranule };
}
