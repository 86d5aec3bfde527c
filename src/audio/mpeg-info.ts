/** The encoder's information frame, which many MP3 files begin with. */
import { textAt, viewOf } from '../base/bytes.ts';

/** An information frame: it has no sound, but describes the other frames. */
export interface EncoderInfo {
  /** Number of the other frames; undefined if not declared. */
  readonly frameCount: number | undefined;
  /** Decoded samples before and after the recording. */
  readonly delay: number;
  readonly padding: number;
}

/** Delay of a layer 3 decoder in samples, in addition to the encoder's. */
const DECODER_DELAY = 529;
/** Encoders add a few frames. A larger number comes from a damaged file. */
const MAX_ENCODER_SAMPLES = 2880;

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

/** @returns undefined for a frame of sound. */
export function readEncoderInfo(frame: Uint8Array): EncoderInfo | undefined {
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
