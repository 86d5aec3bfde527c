/** The headers of FLAC (RFC 9639): the header of a frame, and the header of a stream (STREAMINFO). */
import { viewOf } from '../base/bytes.ts';
import { crcStep, crcTable } from './crc.ts';

/** The format of the decoded samples, from the frame's own header or else from STREAMINFO. */
export interface FlacFormat {
  /** In Hz. */
  readonly sampleRate: number;
  readonly channelCount: number;
  readonly bitsPerSample: number;
}

export interface FlacFrameHeader extends FlacFormat {
  /** Samples per channel in the frame. */
  readonly blockSize: number;
  /** Whether `number` counts samples. Otherwise it counts frames, and all frames but the last have the same size. */
  readonly countsSamples: boolean;
  readonly number: number;
}

export interface FlacStreamInfo extends FlacFormat {
  /** Block size of all frames but the last; 0 if it varies. */
  readonly blockSize: number;
  /** Samples per channel; 0 if unknown. */
  readonly sampleCount: number;
}

export const STREAMINFO_BYTES = 34;
/** `fLaC`, and STREAMINFO with its head. */
export const STREAM_HEADER_BYTES = 8 + STREAMINFO_BYTES;
const CRC8_POLYNOMIAL = 0x07000000;

/** Rates in Hz by code. With higher codes the rate is stored at the end of the header. */
const SAMPLE_RATES = [
  0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
] as const;
/** Bits per sample by code. 0 means as in STREAMINFO; undefined is reserved. */
const BITS_PER_SAMPLE = [0, 8, 12, undefined, 16, 20, 24, 32] as const;

/** The header of the frame at `offset`; undefined if reserved values or the checksum show that there is none. */
export function readFlacFrameHeader(
  bytes: Uint8Array,
  offset: number,
  stream: FlacFormat | undefined,
): FlacFrameHeader | undefined {
  const [sync = 0, kind = 0, sizes = 0, layout = 0] = bytes.subarray(offset, offset + 4);
  if (sync !== 0xff || (kind & 0xfe) !== 0xf8 || (layout & 1) !== 0) return undefined;
  const sizeCode = sizes >> 4;
  const rateCode = sizes & 15;
  const channelCode = layout >> 4;
  const bits = BITS_PER_SAMPLE[(layout >> 1) & 7];
  if (sizeCode === 0 || rateCode === 15 || channelCode > 10 || bits === undefined) return undefined;

  let position = offset + 4;
  const next = (): number => bytes[position++] ?? 0;
  const number = readCodedNumber(next);
  if (number === undefined) return undefined;
  const blockSize =
    sizeCode === 1
      ? 192
      : sizeCode < 6
        ? 144 << sizeCode
        : sizeCode === 6
          ? next() + 1
          : sizeCode === 7
            ? next() * 256 + next() + 1
            : 1 << sizeCode;
  const sampleRate =
    rateCode === 12
      ? next() * 1000
      : rateCode > 12
        ? (next() * 256 + next()) * (rateCode === 13 ? 1 : 10)
        : (SAMPLE_RATES[rateCode] ?? 0);
  const table = crcTable(CRC8_POLYNOMIAL);
  let crc = 0;
  // Over the header and its checksum, the remainder is 0.
  for (let index = offset; index <= position; index += 1) crc = crcStep(table, crc, bytes[index] ?? 0);
  if (crc !== 0 || position >= bytes.length) return undefined;
  return {
    blockSize,
    sampleRate: sampleRate || (stream?.sampleRate ?? 0),
    channelCount: channelCode < 8 ? channelCode + 1 : 2,
    bitsPerSample: bits || (stream?.bitsPerSample ?? 0),
    countsSamples: (kind & 1) === 1,
    number,
  };
}

/** A number of up to 36 bits, encoded like a character in UTF-8. */
function readCodedNumber(next: () => number): number | undefined {
  const first = next();
  if (first < 0x80) return first;
  const byteCount = Math.clz32(~(first << 24));
  if (byteCount === 1 || byteCount === 8) return undefined;
  let number = first & (0x7f >> byteCount);
  for (let index = 1; index < byteCount; index += 1) {
    const byte = next();
    if (byte >> 6 !== 2) return undefined;
    number = number * 64 + (byte & 63);
  }
  return number;
}

/** @param body the body of the metadata block, at least 18 bytes. */
export function readStreamInfo(body: Uint8Array): FlacStreamInfo {
  const view = viewOf(body);
  const minimumBlockSize = view.getUint16(0);
  const packed = view.getUint32(10);
  return {
    blockSize: minimumBlockSize === view.getUint16(2) ? minimumBlockSize : 0,
    sampleRate: packed >>> 12,
    channelCount: ((packed >>> 9) & 7) + 1,
    bitsPerSample: ((packed >>> 4) & 31) + 1,
    sampleCount: (packed & 15) * 2 ** 32 + view.getUint32(14),
  };
}

/** Makes `fLaC` and a STREAMINFO block for frames of this format, because the file's own may be damaged or belong to other frames. */
export function writeStreamHeader({ sampleRate, channelCount, bitsPerSample }: FlacFormat): Uint8Array {
  const header = new Uint8Array(STREAM_HEADER_BYTES);
  const view = viewOf(header);
  view.setUint32(0, 0x664c6143);
  // The last metadata block, of type 0.
  view.setUint32(4, 0x80000000 + STREAMINFO_BYTES);
  // Any block size is allowed. Frame lengths, the sample count and the MD5 stay 0, which means unknown.
  view.setUint16(8, 16);
  view.setUint16(10, 65_535);
  view.setUint32(18, ((sampleRate << 12) | ((channelCount - 1) << 9) | ((bitsPerSample - 1) << 4)) >>> 0);
  return header;
}
