/** Finds the intact pages of an Ogg file (RFC 3533), so that decoders never see cut or damaged ones, and their packets. */
import { textAt, viewOf } from '../base/bytes.ts';
import { crcStep, crcTable } from './crc.ts';
import { cutFrames } from './frames.ts';

const PAGE_HEADER_BYTES = 27;
const FLAGS_OFFSET = 5;
const SEGMENT_COUNT_OFFSET = 26;
const CHECKSUM_OFFSET = 22;
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
  return cutFrames(bytes, 0x4f, (offset) => {
    if (textAt(bytes, offset, 4) !== 'OggS') return 0;
    const bodyOffset = offset + PAGE_HEADER_BYTES + (bytes[offset + SEGMENT_COUNT_OFFSET] ?? 0);
    const segmentLengths = bytes.subarray(offset + PAGE_HEADER_BYTES, bodyOffset);
    const end = segmentLengths.reduce((sum, length) => sum + length, bodyOffset);
    if (end > bytes.length) return 0;
    const page = bytes.subarray(offset, end);
    return pageChecksum(page) === viewOf(page).getUint32(CHECKSUM_OFFSET, true) ? page.length : 0;
  });
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
    const view = viewOf(page);
    const pageSerial = view.getUint32(SERIAL_OFFSET, true);
    serial ??= pageSerial;
    if (serial !== pageSerial) continue;
    const granule = Number(view.getBigInt64(GRANULE_OFFSET, true));
    // -1 stands for a page in which no packet ends.
    if (granule >= 0) lastGranule = granule;
    const isContinued = ((page[FLAGS_OFFSET] ?? 0) & FLAG_CONTINUED) !== 0;
    const lastSequence = sequence;
    sequence = view.getUint32(SEQUENCE_OFFSET, true);
    if (!isContinued) open = [];
    else if (sequence !== lastSequence + 1 || open?.length === 0) open = undefined;
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
