/** Cuts MPEG audio files (MP3 and its siblings) into frames, so that decoders never see tags or garbage. */
import { joinBytes, textAt, viewOf } from '../base/bytes.ts';
import type { EncodedAudio, EncodedStretch } from './encoded-audio.ts';
import { findFrameStart, type FrameHeader, isFrameStart, readFrameHeader } from './mpeg-frame.ts';
import { skipId3, untaggedByteLength } from './tags.ts';

/** Frames of one stream. */
interface Run {
  /** Of the first frame. */
  readonly header: FrameHeader;
  /** Views on the file, in order, those of the encoder left out. */
  readonly packets: Uint8Array[];
  isMono: boolean;
  /** What the first frame of the file tells. */
  info: EncoderInfo | undefined;
  /** Frames that the files joined in this run should have; NaN where one does not tell. */
  declaredCount: number;
  /** Bytes between frames and behind them that are no tags. */
  strayByteLength: number;
}

/** What a frame without sound tells of the others. */
interface EncoderInfo {
  /** Of the others; undefined where it does not tell. */
  readonly frameCount: number | undefined;
  /** Decoded samples before the recording, and behind it. */
  readonly delay: number;
  readonly padding: number;
}

/** The longest frame there is: a stream that is cut somewhere starts with less than that of no use. */
const MAX_FRAME_BYTES = 1441;
/** Of layer 3 itself, beside the encoder's. */
const DECODER_DELAY = 529;
/** What encoders add is a few frames; more comes from a damaged file. */
const MAX_ENCODER_SAMPLES = 2880;

/**
 * The frames of a file, one stretch for each run of frames of one version, layer and rate. Where frames start is searched for, so it does
 * not matter what lies before, between and behind them; an incomplete last frame is left out.
 *
 * The encoder's information frame is never among the packets, and decoders must not trim anything by themselves: each packet
 * gives 1152 samples, 576 in MPEG-2 and 2.5 (384 in layer 1), and `range` says which of them are the recording. Only the
 * information of the first frame in the file is obeyed, as in ffmpeg and mpg123: what the encoder put around files that were joined behind
 * it is silence and stays.
 */
export function demuxMpeg(bytes: Uint8Array): EncodedAudio {
  const runs: Run[] = [];
  const tagsEnd = bytes.length - skipId3(bytes).length;
  let run: Run | undefined;
  let offset = audioStart(bytes, tagsEnd);
  /** Bytes since the last frame that are no tags. */
  let gap = offset - tagsEnd > MAX_FRAME_BYTES ? offset - tagsEnd : 0;
  while (offset < bytes.length) {
    const header = readFrameHeader(bytes, offset);
    if (!header) break;
    const end = offset + header.byteLength;
    const isFollowed = end === bytes.length || readFrameHeader(bytes, end)?.stream === header.stream;
    const next = isFollowed ? end : findFrameStart(bytes, offset + 1, header.stream);
    if (run?.header.stream !== header.stream) {
      run = newRun(header);
      runs.push(run);
    }
    // A frame that another one starts in has a damaged header.
    const isWhole = end <= next;
    if (isWhole) addFrame(run, bytes.subarray(offset, end), header, runs.length === 1);
    gap += isWhole ? untaggedByteLength(bytes.subarray(end, next)) : next - offset;
    // Less than a frame is padding, or the incomplete last frame; a frame that was cut elsewhere is a loss.
    const isCut = !isWhole && next < bytes.length;
    if (isCut || gap >= Math.min(header.byteLength, run.header.byteLength)) run.strayByteLength += gap;
    gap = 0;
    offset = next;
  }
  const stretches = runs.filter(({ packets }) => packets.length > 0).map(toStretch);
  return { stretches, warnings: warningsOf(runs) };
}

/** Whether there are MPEG audio frames near the start of a file, or of what its tags leave. */
export const isMpegAudio = (bytes: Uint8Array, searchByteLength: number): boolean =>
  audioStart(bytes, bytes.length - skipId3(bytes).length, searchByteLength) < bytes.length;

/**
 * Where the first frame starts: behind the tags, or, as their lengths may be wrong, anywhere. The file's length where there is none.
 * Just behind the tags less is asked of a frame than elsewhere, or damage to the third one would cost the first two.
 */
function audioStart(bytes: Uint8Array, tagsEnd: number, searchByteLength = bytes.length): number {
  const content = bytes.subarray(tagsEnd);
  const first = readFrameHeader(content, 0);
  if (
    first &&
    (isFrameStart(content, 0, first.stream) || readEncoderInfo(content.subarray(0, first.byteLength)))
  )
    return tagsEnd;
  return findFrameStart(bytes, 0, undefined, tagsEnd + searchByteLength);
}

const newRun = (header: FrameHeader): Run => ({
  header,
  packets: [],
  isMono: true,
  info: undefined,
  declaredCount: 0,
  strayByteLength: 0,
});

function addFrame(run: Run, frame: Uint8Array, header: FrameHeader, isFirstRun: boolean): void {
  const info = readEncoderInfo(frame);
  if (info) {
    if (isFirstRun && run.packets.length === 0) run.info ??= info;
    run.declaredCount += info.frameCount ?? NaN;
  } else {
    run.packets.push(frame);
    run.isMono &&= header.isMono;
  }
}

function toStretch({ header, packets, isMono, info }: Run): EncodedStretch {
  const sampleCount = packets.length * header.sampleCount;
  // Where the file was cut or another one joined, the padding is not at the end.
  const isComplete = info?.frameCount === undefined || info.frameCount === packets.length;
  const padding = info && isComplete ? info.padding : 0;
  return {
    codec: 'mp3',
    sampleRate: header.sampleRate,
    channelCount: isMono ? 1 : 2,
    packets,
    sampleCounts: packets.map(() => header.sampleCount),
    range: [info?.delay ?? 0, sampleCount - padding],
    toFile: () => joinBytes(packets),
  };
}

/** Where a frame without sound has its `Xing` or `Info` tag: behind the side information of layer 3. */
const INFO_OFFSETS = [13, 21, 36];
const VBRI_OFFSET = 36;
/** By bit of the tag's flags: the bytes of the frame count, the file's length, the table of contents, the quality. */
const INFO_PART_BYTES = [4, 4, 100, 4];
/** Behind those parts: the encoder's name, and where it tells of delay and padding. */
const DELAY_OFFSET = 21;

/** Whether all between header, checksum and `end` is zero, as in mpg123: a frame of sound may hold the same letters. */
const isSilent = (frame: Uint8Array, end: number): boolean =>
  frame.subarray(6, end).every((byte) => byte === 0);

function readEncoderInfo(frame: Uint8Array): EncoderInfo | undefined {
  if (textAt(frame, VBRI_OFFSET, 4) === 'VBRI' && isSilent(frame, VBRI_OFFSET))
    return { frameCount: undefined, delay: 0, padding: 0 };
  for (const offset of INFO_OFFSETS) {
    const magic = textAt(frame, offset, 4);
    if ((magic !== 'Xing' && magic !== 'Info') || frame.length < offset + 12) continue;
    if (!isSilent(frame, offset)) continue;
    const flags = frame[offset + 7] ?? 0;
    const partsByteLength = INFO_PART_BYTES.reduce(
      (sum, byteLength, bit) => sum + ((flags >> bit) & 1) * byteLength,
      0,
    );
    const encoderOffset = offset + 8 + partsByteLength;
    const [high = 0, middle = 0, low = 0] = frame.subarray(encoderOffset + DELAY_OFFSET);
    const delay = (high << 4) | (middle >> 4);
    const padding = ((middle & 15) << 8) | low;
    const isKnown =
      /^(LAME|Lav[cf])/.test(textAt(frame, encoderOffset, 4)) &&
      delay <= MAX_ENCODER_SAMPLES &&
      padding <= MAX_ENCODER_SAMPLES;
    return {
      frameCount: (flags & 1) === 1 ? viewOf(frame).getUint32(offset + 8) : undefined,
      delay: DECODER_DELAY + (isKnown ? delay : 0),
      padding: isKnown ? Math.max(0, padding - DECODER_DELAY) : 0,
    };
  }
  return undefined;
}

function warningsOf(runs: readonly Run[]): string[] {
  let seconds = 0;
  let missingCount = 0;
  let strayByteLength = 0;
  for (const { header, packets, declaredCount, strayByteLength: byteLength } of runs) {
    const missing = Math.max(0, declaredCount - packets.length) || 0;
    const framesByteLength = packets.reduce((sum, { length }) => sum + length, 0) || header.byteLength;
    const strayFrames = (byteLength / framesByteLength) * (packets.length || 1);
    missingCount += missing;
    strayByteLength += byteLength;
    seconds += (Math.max(missing, strayFrames) * header.sampleCount) / header.sampleRate;
  }
  if (missingCount === 0 && strayByteLength === 0) return [];
  const found = [
    ...(missingCount > 0 ? [`${missingCount} of its MP3 frames are missing`] : []),
    ...(strayByteLength > 0 ? [`${strayByteLength} of its bytes are no MP3 frames`] : []),
  ];
  return [`About ${seconds.toFixed(2)} s of sound may be lost: ${found.join(' and ')}.`];
}
