/** Opus (RFC 7845), Vorbis and FLAC (RFC 9639) in Ogg: their headers, and the duration of a packet. */
import { joinBytes, textAt, viewOf } from '../base/bytes.ts';
import { readFlacFrameHeader, readStreamInfo } from './flac-header.ts';
import { flacFormats } from './flac-format.ts';
import { findFlacEnds } from './flac-scan.ts';
import { writeOgg } from './ogg-pages.ts';
import type { StreamFormat } from './encoded-audio.ts';

/** Reads the packets of one stream. */
export interface PacketReader {
  /** Unit of positions in the stream, in Hz. */
  readonly sampleRate: number;
  /** Decoded samples at the start that are not part of the sound. */
  readonly startCount: number;
  /** Maximum length of one packet, in samples. */
  readonly maximumSampleCount: number;
  /** Whether a packet is a header or empty. Such packets make no sound, wherever they are. */
  readsHeader(packet: Uint8Array): boolean;
  /** The samples that a packet adds after another one, or as the first packet; undefined for an invalid packet. */
  sampleCountOf(packet: Uint8Array, previous: Uint8Array | undefined): number | undefined;
  /** Undefined while headers are missing. */
  formatOf(packet: Uint8Array): StreamFormat | undefined;
}

/** @returns undefined for a stream of another kind. */
export function openStream(firstPacket: Uint8Array): PacketReader | undefined {
  if (textAt(firstPacket, 0, 8) === 'OpusHead') return openOpus(firstPacket);
  if (textAt(firstPacket, 0, 7) === '\x01vorbis') return openVorbis(firstPacket);
  return textAt(firstPacket, 0, 5) === '\x7fFLAC' ? openFlac(firstPacket) : undefined;
}

const oggFormat = (format: Omit<StreamFormat, 'toFile'>, headers: readonly Uint8Array[]): StreamFormat => ({
  ...format,
  toFile: (packets, sampleCounts) => {
    let granule = 0;
    const granules = sampleCounts.map((count) => (granule += count));
    return writeOgg([...headers, ...packets], [...headers.map(() => 0), ...granules]);
  },
});

/** Opus counts at 48 kHz, whatever the recording's rate was. */
const OPUS_SAMPLE_RATE = 48_000;
/** The longest packet: 120 ms. */
const OPUS_MAXIMUM = 5760;

function openOpus(head: Uint8Array): PacketReader | undefined {
  const channelCount = head[9] ?? 0;
  const family = head[18] ?? 0;
  const [streamCount = 0, coupledCount = 0, ...mapping] = head.subarray(19, 21 + channelCount);
  const isMapped =
    mapping.length === channelCount &&
    streamCount > 0 &&
    coupledCount <= streamCount &&
    mapping.every((index) => index === 255 || index < streamCount + coupledCount);
  if (head.length < 19 || channelCount === 0 || (family === 0 ? channelCount > 2 : !isMapped))
    return undefined;
  // The header is copied without its gain and pre-skip, because decoders differ in how they apply them.
  const description = head.slice();
  description.fill(0, 10, 12);
  description.fill(0, 16, 18);
  const tags = new Uint8Array(16);
  tags.set(Array.from('OpusTags', (character) => character.charCodeAt(0)));
  const format = oggFormat({ codec: 'opus', sampleRate: OPUS_SAMPLE_RATE, channelCount, description }, [
    description,
    tags,
  ]);
  return {
    sampleRate: OPUS_SAMPLE_RATE,
    startCount: viewOf(head).getUint16(10, true),
    maximumSampleCount: OPUS_MAXIMUM,
    readsHeader: (packet) => /^Opus(Head|Tags)/.test(textAt(packet, 0, 8)),
    sampleCountOf: opusSampleCount,
    formatOf: () => format,
  };
}

/** Read from the first byte, and from the second if that holds the frame count (RFC 6716, section 3.1). */
function opusSampleCount(packet: Uint8Array): number | undefined {
  const [toc, count = 0] = packet;
  if (toc === undefined) return undefined;
  const configuration = toc >> 3;
  const frame =
    configuration >= 16
      ? 120 << (configuration & 3)
      : configuration >= 12
        ? 480 << (configuration & 1)
        : Math.min(480 << (configuration & 3), 2880);
  const frameCount = [1, 2, 2, count & 63][toc & 3] ?? 0;
  const total = frame * frameCount;
  return total > 0 && total <= OPUS_MAXIMUM ? total : undefined;
}

function openVorbis(identification: Uint8Array): PacketReader | undefined {
  const channelCount = identification[11] ?? 0;
  const blockSizes = identification[28] ?? 0;
  const short = 1 << (blockSizes & 15);
  const long = 1 << (blockSizes >> 4);
  if (identification.length < 30 || channelCount === 0 || short < 64 || long > 8192 || short > long)
    return undefined;
  const sampleRate = viewOf(identification).getUint32(12, true);
  let format: StreamFormat | undefined;
  let isLong: readonly boolean[] = [];
  const blockSizeOf = ([first = 0]: Uint8Array): number => {
    const modeBits = 32 - Math.clz32(isLong.length - 1);
    return isLong[(first >> 1) & ((1 << modeBits) - 1)] ? long : short;
  };
  return {
    sampleRate,
    startCount: 0,
    maximumSampleCount: long,
    readsHeader(packet) {
      if (packet.length > 0 && ((packet[0] ?? 0) & 1) === 0) return false;
      if (!format && textAt(packet, 0, 7) === '\x05vorbis') {
        isLong = readVorbisModes(packet);
        if (isLong.length > 0)
          format = vorbisFormat(identification.subarray(0, 30), packet, sampleRate, channelCount);
      }
      return true;
    },
    // Half of each block overlaps with the next one. The first block has none before it.
    sampleCountOf: (packet, previous) => (previous ? (blockSizeOf(previous) + blockSizeOf(packet)) / 4 : 0),
    formatOf: () => format,
  };
}

/** An empty comment header. Decoders need one, and the file's own may hold pictures. */
const VORBIS_COMMENT = Uint8Array.of(3, 0x76, 0x6f, 0x72, 0x62, 0x69, 0x73, 0, 0, 0, 0, 0, 0, 0, 0, 1);

function vorbisFormat(
  identification: Uint8Array,
  setup: Uint8Array,
  sampleRate: number,
  channelCount: number,
): StreamFormat {
  const headers = [identification, VORBIS_COMMENT, setup];
  // As in Matroska: the number of packets minus one, then the lengths of all but the last.
  const lengths = Uint8Array.of(2, identification.length, VORBIS_COMMENT.length);
  return oggFormat(
    { codec: 'vorbis', sampleRate, channelCount, description: joinBytes([lengths, ...headers]) },
    headers,
  );
}

/**
 * Whether the blocks of each mode are long. The modes are at the end of the setup header, after parts that only a
 * decoder can read. They are therefore read backwards, up to the mode count before them.
 */
function readVorbisModes(setup: Uint8Array): boolean[] {
  let bit = 8 * setup.length;
  const readBack = (count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index += 1) {
      bit -= 1;
      value = value * 2 + (((setup[bit >> 3] ?? 0) >> (bit & 7)) & 1);
    }
    return value;
  };
  // A bit of value 1 and the padding of the last byte follow the modes.
  while (bit > 0 && readBack(1) === 0);
  const modes: boolean[] = [];
  let found: boolean[] = [];
  // Mapping (8 bits, up to 63), transform and window (16 bits each, always 0), and one bit for long blocks.
  while (bit > 56 && modes.length < 64 && readBack(8) < 64 && readBack(32) === 0) {
    modes.unshift(readBack(1) === 1);
    const before = bit;
    if (readBack(6) + 1 === modes.length) found = [...modes];
    bit = before;
  }
  return found;
}

function openFlac(firstPacket: Uint8Array): PacketReader | undefined {
  // STREAMINFO with its block header follows the name, the version, the number of headers and `fLaC`.
  if (firstPacket.length < 51) return undefined;
  const info = readStreamInfo(firstPacket.subarray(17));
  const formatOf = flacFormats();
  return {
    sampleRate: info.sampleRate,
    startCount: 0,
    // Where blocks vary, the most that STREAMINFO can say.
    maximumSampleCount: info.blockSize || 65_535,
    readsHeader: ([first]) => first !== 0xff,
    sampleCountOf: (packet) =>
      findFlacEnds(packet).includes(packet.length)
        ? readFlacFrameHeader(packet, 0, info)?.blockSize
        : undefined,
    formatOf: (packet) => {
      const header = readFlacFrameHeader(packet, 0, info);
      return header && formatOf(header);
    },
  };
}
