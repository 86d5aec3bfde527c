/** Finds the frames of MPEG audio (MP3 and its siblings), so that decoders never see tags or garbage. */
import { textAt } from '../base/bytes.ts';
import { cutFrames } from './frames.ts';

export interface MpegFrames {
  /** Views on the file, in order. */
  readonly frames: readonly Uint8Array[];
  readonly channelCount: 1 | 2;
  /** In Hz; 0 where there are no frames. */
  readonly sampleRate: number;
}

interface FrameHeader {
  /** Version, layer and sample rate: constant within a stream. */
  readonly stream: string;
  readonly sampleRate: number;
  readonly byteLength: number;
  readonly isMono: boolean;
}

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

/**
 * The whole frames of `bytes`. The first is the first header that another of the same stream follows, or the
 * end of the file; bytes between frames, frames of another version, layer or rate, and an incomplete last frame
 * are left out.
 */
export function findMpegFrames(bytes: Uint8Array): MpegFrames {
  let stream: string | undefined;
  const frames = cutFrames(bytes, 0xff, (offset, follows) => {
    const header = readHeader(bytes, offset);
    const isOther = stream !== undefined && header?.stream !== stream;
    if (!header || isOther) return 0;
    const end = offset + header.byteLength;
    const isOne = follows || end === bytes.length || readHeader(bytes, end)?.stream === header.stream;
    if (!isOne || end > bytes.length) return 0;
    ({ stream } = header);
    return header.byteLength;
  });
  const headers = frames.flatMap((frame) => readHeader(frame, 0) ?? []);
  return {
    frames,
    channelCount: headers.every(({ isMono }) => isMono) ? 1 : 2,
    sampleRate: headers[0]?.sampleRate ?? 0,
  };
}

/** Frames to decode, and which of the decoded samples are the recording. */
export interface MpegRecording {
  readonly packets: readonly Uint8Array[];
  readonly range: readonly [start: number, end: number];
}

/** Where a first frame without sound has its `Xing` or `Info` tag: behind the side information of layer 3. */
const TAG_OFFSETS = [13, 21, 36];
/** Of the samples before the start and behind the end, in the tag of encoders that write all its parts. */
const DELAY_OFFSET = 141;
/** Of layer 3 itself, beside the encoder's. */
const DECODER_DELAY = 529;

/** Leaves out the first frame if it only tells of the others, and what the encoder says it put around the recording. */
export function withoutEncoderInfo(frames: readonly Uint8Array[]): MpegRecording {
  const [first = new Uint8Array(0), second = first] = frames;
  for (const offset of TAG_OFFSETS) {
    const magic = textAt(first, offset, 4);
    if (magic !== 'Xing' && magic !== 'Info') continue;
    const [high = 0, middle = 0, low = 0] = first.subarray(offset + DELAY_OFFSET);
    const isMpeg1 = ((second[1] ?? 0) & 8) !== 0;
    const packets = frames.slice(1);
    const start = (high << 4) | (middle >> 4);
    const padding = ((middle & 15) << 8) | low;
    const sampleCount = packets.length * (isMpeg1 ? 1152 : 576);
    return { packets, range: [start + DECODER_DELAY, sampleCount - padding + DECODER_DELAY] };
  }
  return { packets: frames, range: [0, Infinity] };
}

function readHeader(bytes: Uint8Array, offset: number): FrameHeader | undefined {
  const kind = bytes[offset + 1] ?? 0;
  const rates = bytes[offset + 2] ?? 0;
  const mode = bytes[offset + 3] ?? 0;
  if (bytes[offset] !== 0xff || (kind & 0xe0) !== 0xe0) return undefined;
  const versionBits = (kind >> 3) & 3;
  const layer = 4 - ((kind >> 1) & 3);
  const mpeg1Rate = MPEG1_SAMPLE_RATES[(rates >> 2) & 3];
  if (versionBits === 1 || layer === 4 || mpeg1Rate === undefined) return undefined;

  const isMpeg1 = versionBits === 3;
  const sampleRate = mpeg1Rate / (isMpeg1 ? 1 : versionBits === 2 ? 2 : 4);
  const kilobits = BITRATES[isMpeg1 ? layer - 1 : layer === 1 ? 3 : 4]?.[(rates >> 4) - 1];
  if (kilobits === undefined) return undefined;
  const padding = (rates >> 1) & 1;
  const slots = (samplesPerFrame: number, slotBits: number) =>
    Math.floor((samplesPerFrame * kilobits * 1000) / (slotBits * sampleRate)) + padding;
  const byteLength = layer === 1 ? slots(384, 32) * 4 : slots(layer === 3 && !isMpeg1 ? 576 : 1152, 8);
  return {
    stream: `${versionBits} ${layer} ${sampleRate}`,
    sampleRate,
    byteLength,
    isMono: mode >> 6 === 3,
  };
}
