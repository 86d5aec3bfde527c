/** The pages of an Ogg file (RFC 3533): the intact ones, and what can be read of broken ones, while the bytes come. */
import { joinBytes, textAt, viewOf } from '../base/bytes.ts';
import { ByteWindow } from './byte-window.ts';
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
/** Fake pages can be nested in each other. A file that needs checksums over more than this many times the bytes read is an attack. */
const MAX_CHECKSUM_PASSES = 16;
const MIN_CHECKSUM_BYTES = 2 ** 24;

export interface OggPage {
  /** Whether its checksum is right. If not, its header may be wrong, and its body too; `cut` is one whose end is missing. */
  readonly state: 'intact' | 'damaged' | 'cut';
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
}

/** Finds the pages of a file while its bytes come. Other bytes before, between and after them are skipped. */
export class OggPageReader {
  readonly #window = new ByteWindow();
  /** No page before this place is unread. */
  #place = 0;
  /** Until the file reaches to this place, it is not known what is at the current one. */
  #neededEnd = 0;
  #checkedByteLength = 0;

  push(bytes: Uint8Array): void {
    this.#window.append(bytes);
  }

  finish(): void {
    this.#window.finish();
  }

  /**
   * The next page; undefined where bytes are missing, or at the end of the file.
   * @throws Error for a file that is built to keep a reader busy.
   */
  next(): OggPage | undefined {
    const window = this.#window;
    while (this.#place < window.end && (window.isComplete || this.#neededEnd <= window.end)) {
      const start = this.#place;
      const bytes = window.slice(start, window.end);
      const header = readHeader(bytes);
      const isMissing =
        header === undefined ? bytes.length < PAGE_HEADER_BYTES : header.byteLength > bytes.length;
      if (isMissing && !window.isComplete) {
        this.#neededEnd = start + (header?.byteLength ?? PAGE_HEADER_BYTES);
        break;
      }
      const state = header && (isMissing ? 'cut' : this.#check(bytes, header) ? 'intact' : 'damaged');
      if (header && state === 'intact') this.#place = start + header.byteLength;
      else {
        const next = bytes.indexOf(0x4f, 1);
        this.#place = next < 0 ? window.end : start + next;
      }
      if (header && state) return { ...header, state };
    }
    window.discardTo(this.#place);
    return undefined;
  }

  #check(bytes: Uint8Array, { byteLength }: { readonly byteLength: number }): boolean {
    this.#checkedByteLength += byteLength;
    if (this.#checkedByteLength > MIN_CHECKSUM_BYTES + MAX_CHECKSUM_PASSES * this.#place)
      throw new Error('its pages lie in each other');
    return pageChecksum(bytes, 0, byteLength) === viewOf(bytes).getUint32(CHECKSUM_OFFSET, true);
  }
}

/**
 * The page that `bytes` begins with, unless that is none, without a look at its checksum. The page may be longer than `bytes`; if its lacing
 * is, too, its length is only the least that is possible.
 */
function readHeader(bytes: Uint8Array): Omit<OggPage, 'state'> | undefined {
  const isPage = bytes[VERSION_OFFSET] === 0 && textAt(bytes, 0, 4) === 'OggS';
  if (!isPage || bytes.length < PAGE_HEADER_BYTES) return undefined;
  const view = viewOf(bytes);
  const flags = bytes[FLAGS_OFFSET] ?? 0;
  const bodyStart = PAGE_HEADER_BYTES + (bytes[SEGMENT_COUNT_OFFSET] ?? 0);
  const lacing = bytes.subarray(PAGE_HEADER_BYTES, bodyStart);
  let bodyByteLength = 0;
  for (const length of lacing) bodyByteLength += length;
  return {
    isContinued: (flags & 1) !== 0,
    isFirst: (flags & 2) !== 0,
    isLast: (flags & 4) !== 0,
    granule: Number(view.getBigInt64(GRANULE_OFFSET, true)),
    serial: view.getUint32(SERIAL_OFFSET, true),
    sequence: view.getUint32(SEQUENCE_OFFSET, true),
    lacing,
    body: bytes.subarray(bodyStart, bodyStart + bodyByteLength),
    byteLength: bodyStart + bodyByteLength,
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
