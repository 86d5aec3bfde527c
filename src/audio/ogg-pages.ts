/** The pages of an Ogg file (RFC 3533): the intact ones, and what can be read of broken ones. */
import { joinBytes, textAt, viewOf } from '../base/bytes.ts';
import { crcStep, crcTable } from './crc.ts';

export const PAGE_HEADER_BYTES = 27;
const VERSION_OFFSET = 4;
const FLAGS_OFFSET = 5;
const GRANULE_OFFSET = 6;
const SERIAL_OFFSET = 14;
const SEQUENCE_OFFSET = 18;
const CHECKSUM_OFFSET = 22;
const SEGMENT_COUNT_OFFSET = 26;
const CRC_POLYNOMIAL = 0x04c11db7;
/** Fake pages can be nested in each other. A file that needs checksums over more than this many times its length is an attack. */
const MAX_CHECKSUM_PASSES = 16;
const MIN_CHECKSUM_BYTES = 2 ** 24;

export interface OggPage {
  /** The first packet began on the previous page. */
  readonly isContinued: boolean;
  /** This is the first page of a stream. */
  readonly isFirst: boolean;
  /** This page is marked as the last of its stream. More pages may follow nevertheless. */
  readonly isLast: boolean;
  /** Position at the end of the last packet that ends on this page, in the codec's unit; -1 if none ends here. */
  readonly granule: number;
  readonly serial: number;
  readonly sequence: number;
  /** Lengths of the segments of the body. A segment of 255 bytes continues in the next one. */
  readonly lacing: Uint8Array;
  readonly body: Uint8Array;
  /** Length of the page, according to its header. */
  readonly byteLength: number;
  /** Bytes between the previous page and this one that are not an intact page. */
  readonly skippedByteLength: number;
}

/** A page whose checksum is wrong or whose end is missing. */
export interface BrokenPage {
  /** Number of intact pages before it. */
  readonly pageCount: number;
  readonly serial: number;
  readonly granule: number;
  /** Whether the file ends in it. */
  readonly isCut: boolean;
}

export interface OggPages {
  readonly pages: readonly OggPage[];
  readonly broken: readonly BrokenPage[];
  /** Bytes after the last intact page. */
  readonly restByteLength: number;
}

/** @throws Error for a file that is built to keep a reader busy. */
export function readOggPages(bytes: Uint8Array): OggPages {
  const pages: OggPage[] = [];
  const broken: BrokenPage[] = [];
  const view = viewOf(bytes);
  let end = 0;
  let allowance = Math.max(MIN_CHECKSUM_BYTES, MAX_CHECKSUM_PASSES * bytes.length);
  for (let offset = 0; offset >= 0 && offset < bytes.length;) {
    const page = pageAt(bytes, view, offset, offset - end);
    const byteLength = page?.byteLength ?? 0;
    const isCut = page !== undefined && offset + byteLength > bytes.length;
    allowance -= isCut ? 0 : byteLength;
    if (allowance < 0) throw new Error('its pages lie in each other');
    if (
      page &&
      !isCut &&
      pageChecksum(bytes, offset, byteLength) === view.getUint32(offset + CHECKSUM_OFFSET, true)
    ) {
      pages.push(page);
      offset += byteLength;
      end = offset;
      continue;
    }
    if (page) broken.push({ pageCount: pages.length, serial: page.serial, granule: page.granule, isCut });
    offset = bytes.indexOf(0x4f, offset + 1);
  }
  return { pages, broken, restByteLength: bytes.length - end };
}

/** Reads a page header without checking the checksum. The body may be longer than the file. */
function pageAt(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  skippedByteLength: number,
): OggPage | undefined {
  const bodyStart = offset + PAGE_HEADER_BYTES + (bytes[offset + SEGMENT_COUNT_OFFSET] ?? 0);
  const isPage = bytes[offset + VERSION_OFFSET] === 0 && textAt(bytes, offset, 4) === 'OggS';
  if (!isPage || offset + PAGE_HEADER_BYTES > bytes.length) return undefined;
  const flags = bytes[offset + FLAGS_OFFSET] ?? 0;
  const lacing = bytes.subarray(offset + PAGE_HEADER_BYTES, bodyStart);
  let bodyByteLength = 0;
  for (const length of lacing) bodyByteLength += length;
  const body = bytes.subarray(bodyStart, bodyStart + bodyByteLength);
  return {
    isContinued: (flags & 1) !== 0,
    isFirst: (flags & 2) !== 0,
    isLast: (flags & 4) !== 0,
    granule: Number(view.getBigInt64(offset + GRANULE_OFFSET, true)),
    serial: view.getUint32(offset + SERIAL_OFFSET, true),
    sequence: view.getUint32(offset + SEQUENCE_OFFSET, true),
    lacing,
    body,
    byteLength: bodyStart + bodyByteLength - offset,
    skippedByteLength,
  };
}

/** The checksum counts its own four bytes as zeros. */
export function pageChecksum(bytes: Uint8Array, offset: number, byteLength: number): number {
  const table = crcTable(CRC_POLYNOMIAL);
  let crc = 0;
  for (let index = 0; index < byteLength; index += 1) {
    const isChecksum = index >= CHECKSUM_OFFSET && index < CHECKSUM_OFFSET + 4;
    crc = crcStep(table, crc, isChecksum ? 0 : (bytes[offset + index] ?? 0));
  }
  return crc >>> 0;
}

const MAX_SEGMENTS = 255;

/** Writes an Ogg file with one stream. @param granules the position at the end of each packet. */
export function writeOgg(packets: readonly Uint8Array[], granules: readonly number[]): Uint8Array {
  const pages: Uint8Array[] = [];
  packets.forEach((packet, packetIndex) => {
    // A packet ends with a segment shorter than 255 bytes, which may be empty. Each packet gets its own page, a long packet several.
    const segmentCount = Math.floor(packet.length / 255) + 1;
    for (let first = 0; first < segmentCount; first += MAX_SEGMENTS) {
      const lacing = Array.from({ length: Math.min(MAX_SEGMENTS, segmentCount - first) }, (_, index) =>
        Math.min(255, packet.length - (first + index) * 255),
      );
      const body = packet.subarray(first * 255, (first + MAX_SEGMENTS) * 255);
      const page = new Uint8Array(PAGE_HEADER_BYTES + lacing.length + body.length);
      const view = viewOf(page);
      const isEnd = first + MAX_SEGMENTS >= segmentCount;
      view.setUint32(0, 0x4f676753);
      const isLast = isEnd && packetIndex === packets.length - 1;
      page[FLAGS_OFFSET] = (first > 0 ? 1 : 0) | (pages.length === 0 ? 2 : 0) | (isLast ? 4 : 0);
      view.setBigInt64(GRANULE_OFFSET, BigInt(isEnd ? (granules[packetIndex] ?? 0) : -1), true);
      view.setUint32(SERIAL_OFFSET, 1, true);
      view.setUint32(SEQUENCE_OFFSET, pages.length, true);
      page[SEGMENT_COUNT_OFFSET] = lacing.length;
      page.set(lacing, PAGE_HEADER_BYTES);
      page.set(body, PAGE_HEADER_BYTES + lacing.length);
      view.setUint32(CHECKSUM_OFFSET, pageChecksum(page, 0, page.length), true);
      pages.push(page);
    }
  });
  return joinBytes(pages);
}
