/** What kind of audio file some bytes are, by their magic numbers. */
import { hexOf, textAt } from '../base/bytes.ts';

export type AudioFormat = 'wav' | 'flac' | 'mpeg' | 'ogg-flac' | 'ogg-vorbis' | 'ogg-opus';

/** Of an Ogg page, before its segment table. */
const OGG_PAGE_HEADER_BYTES = 27;

/** The bytes without the ID3v2 tags in front of them, which MP3 and sometimes FLAC files carry. */
export function skipId3(bytes: Uint8Array): Uint8Array {
  let rest = bytes;
  while (startsWith(rest, 'ID3') && rest.length >= 10) {
    const [flags = 0, ...sizeBytes] = rest.subarray(5, 10);
    // Seven bits a byte, so that no byte looks like a frame's start.
    const bodyLength = sizeBytes.reduce((size, byte) => size * 128 + (byte & 0x7f), 0);
    const hasFooter = (flags & 0x10) !== 0;
    rest = rest.subarray(10 + bodyLength + (hasFooter ? 10 : 0));
  }
  return rest;
}

/** @param bytes without ID3 tags. */
export function sniffAudioFormat(bytes: Uint8Array): AudioFormat | undefined {
  if (startsWith(bytes, 'RIFF') && textAt(bytes, 8, 4) === 'WAVE') return 'wav';
  if (startsWith(bytes, 'fLaC')) return 'flac';
  if (startsWith(bytes, 'OggS')) return sniffOgg(bytes);
  const [first = 0, second = 0] = bytes;
  const isMpegSync = first === 0xff && (second & 0xe0) === 0xe0;
  const isLayerReserved = (second & 0x06) === 0; // as in AAC's ADTS frames
  return isMpegSync && !isLayerReserved ? 'mpeg' : undefined;
}

/** For errors about files that are of no known format. */
export function describeFirstBytes(bytes: Uint8Array): string {
  return bytes.length === 0
    ? 'it is empty'
    : `its ${bytes.length} bytes start with ${hexOf(bytes.subarray(0, 12)).join(' ')}`;
}

function sniffOgg(bytes: Uint8Array): AudioFormat | undefined {
  const segmentCount = bytes[OGG_PAGE_HEADER_BYTES - 1] ?? 0;
  const firstPacket = bytes.subarray(OGG_PAGE_HEADER_BYTES + segmentCount);
  if (startsWith(firstPacket, 'OpusHead')) return 'ogg-opus';
  if (startsWith(firstPacket, '\x01vorbis')) return 'ogg-vorbis';
  return startsWith(firstPacket, '\x7fFLAC') ? 'ogg-flac' : undefined;
}

const startsWith = (bytes: Uint8Array, magic: string): boolean => textAt(bytes, 0, magic.length) === magic;
