/** Cuts MPEG audio files (MP3 and its siblings) into frames, so that decoders never see tags or garbage. */
import { joinBytes, textAt, viewOf } from '../base/bytes.ts';
import type { EncodedAudio, EncodedStretch } from './encoded-audio.ts';
import { findFrameStart, type FrameHeader, isFrameStart, readFrameHeader } from './mpeg-frame.ts';
import { skipId3, untaggedByteLength } from './tags.ts';

/** A run of frames of one stream. */
interface Run {
  /** Header of the first frame. */
  readonly header: FrameHeader;
  /** Views on the file, in order, without the encoder's information frames. */
  readonly packets: Uint8Array[];
  isMono: boolean;
  /** The information in the first frame of the file. */
  info: EncoderInfo | undefined;
  /** Declared frame count of all files joined in this run; NaN if one of them does not declare it. */
  declaredCount: number;
  /** Bytes between and after frames that are not tags. */
  strayByteLength: number;
}

/** An information frame: it has no sound, but describes the other frames. */
interface EncoderInfo {
  /** Number of the other frames; undefined if not declared. */
  readonly frameCount: number | undefined;
  /** Decoded samples before and after the recording. */
  readonly delay: number;
  readonly padding: number;
}

/** The longest possible frame. A stream cut from a longer one starts with fewer unusable bytes than that. */
const MAX_FRAME_BYTES = 1441;
/** Delay of a layer 3 decoder in samples, in addition to the encoder's. */
const DECODER_DELAY = 529;
/** Encoders add a few frames. A larger number comes from a damaged file. */
const MAX_ENCODER_SAMPLES = 2880;

/**
 * Finds the frames of a file. Each run of frames with the same version, layer and rate becomes a stretch. The start of frames is searched
 * for, so other bytes before, between and after them do no harm. An incomplete last frame is left out.
 *
 * The encoder's information frame is never among the packets, and decoders must not trim anything. Each packet
 * gives 1152 samples, or 576 in MPEG-2 and 2.5 (384 in layer 1), and `range` says which of them belong to the recording. Only the
 * information of the first frame in the file is used, as in ffmpeg and mpg123. The silence that the encoder put around appended files
 * stays.
 */
export function demuxMpeg(bytes: Uint8Array): EncodedAudio {
  const runs: Run[] = [];
  const tagsEnd = bytes.length - skipId3(bytes).length;
  let run: Run | undefined;
  let offset = audioStart(bytes, tagsEnd);
  /** Bytes since the last frame that are not tags. */
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
    // If another frame starts inside a frame, that frame's header is damaged.
    const isWhole = end <= next;
    if (isWhole) addFrame(run, bytes.subarray(offset, end), header, runs.length === 1);
    gap += isWhole ? untaggedByteLength(bytes.subarray(end, next)) : next - offset;
    // Less than a frame is padding or the incomplete last frame. A frame cut elsewhere is a loss.
    const isCut = !isWhole && next < bytes.length;
    if (isCut || gap >= Math.min(header.byteLength, run.header.byteLength)) run.strayByteLength += gap;
    gap = 0;
    offset = next;
  }
  const stretches = runs.filter(({ packets }) => packets.length > 0).map(toStretch);
  return { stretches, warnings: warningsOf(runs) };
}

/** Whether MPEG audio frames start near the start of a file or just after its tags. */
export const isMpegAudio = (bytes: Uint8Array, searchByteLength: number): boolean =>
  audioStart(bytes, bytes.length - skipId3(bytes).length, searchByteLength) < bytes.length;

/**
 * The start of the first frame: after the tags or, because their lengths may be wrong, anywhere. The file's length if there is none.
 * Directly after the tags fewer headers are required than elsewhere; otherwise damage to the third frame would cost the first two.
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
  // If the file was cut, or another one was appended, the padding is not at the end.
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

/** Offset of the `Xing` or `Info` tag in an information frame: after the side information of layer 3. */
const INFO_OFFSETS = [13, 21, 36];
const VBRI_OFFSET = 36;
/** Byte lengths by bit of the tag's flags: frame count, file length, table of contents, quality. */
const INFO_PART_BYTES = [4, 4, 100, 4];
/** After those parts: the length of the encoder's part, and the offset of delay and padding in it. */
const DELAY_OFFSET = 21;

/** Whether all bytes between header, checksum and `end` are zero, as mpg123 requires: a frame of sound may hold the same letters. */
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
