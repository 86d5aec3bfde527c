/** The headers of MPEG audio frames (MP3 and its siblings), and the search for the first of a stream. */

export interface FrameHeader {
  /** Version, layer and sample rate: constant within a stream. */
  readonly stream: string;
  readonly sampleRate: number;
  /** Samples per channel. */
  readonly sampleCount: number;
  readonly byteLength: number;
  readonly isMono: boolean;
}

export const HEADER_BYTES = 4;
/** Of layer 2, with 160 kbit/s at 8 kHz. */
const MAX_FRAME_BYTES = 2881;
/** So many bytes tell whether frames start at their first one. */
export const START_BYTES = 2 * MAX_FRAME_BYTES + HEADER_BYTES;
/** kbit/s by bitrate index - 1. Index 0, the free format, is not supported. */
const BITRATES = [
  // MPEG-1: layers 1, 2, 3.
  [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  // MPEG-2: layer 1, layers 2 and 3.
  [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;
const MPEG1_SAMPLE_RATES = [44_100, 48_000, 32_000] as const;

/** The header at `offset`, if it is valid. */
export function readFrameHeader(bytes: Uint8Array, offset: number): FrameHeader | undefined {
  const kind = bytes[offset + 1] ?? 0;
  const rates = bytes[offset + 2] ?? 0;
  const mode = bytes[offset + 3];
  if (bytes[offset] !== 0xff || (kind & 0xe0) !== 0xe0 || mode === undefined) return undefined;
  const versionBits = (kind >> 3) & 3;
  const layer = 4 - ((kind >> 1) & 3);
  const mpeg1Rate = MPEG1_SAMPLE_RATES[(rates >> 2) & 3];
  if (versionBits === 1 || layer === 4 || mpeg1Rate === undefined) return undefined;

  const isMpeg1 = versionBits === 3;
  const sampleRate = mpeg1Rate / (isMpeg1 ? 1 : versionBits === 2 ? 2 : 4);
  const kilobits = BITRATES[isMpeg1 ? layer - 1 : layer === 1 ? 3 : 4]?.[(rates >> 4) - 1];
  if (kilobits === undefined) return undefined;
  const sampleCount = layer === 1 ? 384 : layer === 3 && !isMpeg1 ? 576 : 1152;
  // Layer 1 counts in slots of four bytes.
  const slotBytes = layer === 1 ? 4 : 1;
  const slotCount = Math.floor((sampleCount * kilobits * 1000) / (8 * slotBytes * sampleRate));
  return {
    stream: `${versionBits} ${layer} ${sampleRate}`,
    sampleRate,
    sampleCount,
    byteLength: (slotCount + ((rates >> 1) & 1)) * slotBytes,
    isMono: mode >> 6 === 3,
  };
}

/**
 * Whether frames start at `offset`. Two headers of the current stream are enough. Garbage may look like another stream, so for that
 * three headers are needed, or two that reach the end of the file.
 */
export function isFrameStart(bytes: Uint8Array, offset: number, stream?: string): boolean {
  const first = readFrameHeader(bytes, offset);
  if (!first) return false;
  const end = offset + first.byteLength;
  if (end === bytes.length) return first.stream === stream;
  const second = readFrameHeader(bytes, end);
  if (second?.stream !== first.stream) return false;
  const secondEnd = end + second.byteLength;
  const isCertain = first.stream === stream || secondEnd + HEADER_BYTES > bytes.length;
  return isCertain || readFrameHeader(bytes, secondEnd)?.stream === first.stream;
}

/**
 * The first place at or after `from` where frames start; the length of the file if there is none.
 * @param end where the search ends.
 * @param stream the stream of the previous frames.
 */
export function findFrameStart(bytes: Uint8Array, from: number, stream?: string, end = bytes.length): number {
  for (let offset = bytes.indexOf(0xff, from); offset >= 0 && offset < end;) {
    if (isFrameStart(bytes, offset, stream)) return offset;
    offset = bytes.indexOf(0xff, offset + 1);
  }
  return bytes.length;
}
