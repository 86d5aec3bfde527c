/** A run of MPEG audio frames of one stream, and what is missing from the runs of a file. */
import { joinBytes } from '../base/bytes.ts';
import type { StreamFormat } from './encoded-audio.ts';
import type { FrameHeader } from './mpeg-frame.ts';
import { type EncoderInfo, readEncoderInfo } from './mpeg-info.ts';
import type { StretchBuilder } from './stretch-builder.ts';

export class MpegRun {
  /** Of the first frame. */
  readonly header: FrameHeader;
  /** What the file says about its sound, if this is its first run. */
  info: EncoderInfo | undefined;
  /** Bytes between and after frames that are not tags. */
  strayByteLength = 0;
  /** Declared frame count of all files joined in this run; NaN if one of them does not declare it. */
  declaredCount = 0;
  packetCount = 0;
  packetsByteLength = 0;
  #format: StreamFormat;
  readonly #isFirst: boolean;

  /** @param isFirst whether it is the file's first run. */
  constructor(header: FrameHeader, isFirst: boolean) {
    this.header = header;
    this.#isFirst = isFirst;
    this.#format = formatOf(header, 1);
  }

  /** Adds a frame that is whole: to the sound, or to what is known about it. */
  add(frame: Uint8Array, header: FrameHeader, builder: StretchBuilder): void {
    const info = readEncoderInfo(frame);
    if (info) {
      this.declaredCount += info.frameCount ?? NaN;
      if (!this.#isFirst || this.packetCount > 0 || this.info) return;
      this.info = info;
      builder.skipNext(info.delay);
      return;
    }
    // Once a frame has two channels, the rest of the run has them. A decoder goes on: it gives two where one was, or one that counts twice.
    if (!header.isMono && this.#format.channelCount === 1) this.#format = formatOf(this.header, 2);
    builder.add(frame, header.sampleCount, this.#format, this.packetCount > 0);
    this.packetCount += 1;
    this.packetsByteLength += frame.length;
  }

  /** How many samples at the end may be the encoder's padding. */
  get heldCount(): number {
    return this.info?.padding ?? 0;
  }

  /** How long the sound is, according to the encoder. */
  get declaredSeconds(): number | undefined {
    if (this.info?.frameCount === undefined) return undefined;
    const { frameCount, delay, padding } = this.info;
    const { sampleCount, sampleRate } = this.header;
    return Math.max(0, frameCount * sampleCount - delay - padding) / sampleRate;
  }

  /** To be called once, when another run follows, or the end. */
  finish(builder: StretchBuilder): void {
    builder.skipNext(0);
    // If the file was cut, or another one was appended, the padding is not at the end.
    const { frameCount = this.packetCount, padding = 0 } = this.info ?? {};
    if (frameCount === this.packetCount) builder.trimEnd(padding);
  }
}

const formatOf = ({ sampleRate }: FrameHeader, channelCount: number): StreamFormat => ({
  codec: 'mp3',
  sampleRate,
  channelCount,
  toFile: (packets) => joinBytes(packets),
});

/** Sums what is missing from the runs. */
export class MpegLosses {
  #seconds = 0;
  #missingCount = 0;
  #strayByteLength = 0;

  add({ header, packetCount, packetsByteLength, declaredCount, strayByteLength }: MpegRun): void {
    const missing = Math.max(0, declaredCount - packetCount) || 0;
    const strayFrames = (strayByteLength / (packetsByteLength || header.byteLength)) * (packetCount || 1);
    this.#missingCount += missing;
    this.#strayByteLength += strayByteLength;
    this.#seconds += (Math.max(missing, strayFrames) * header.sampleCount) / header.sampleRate;
  }

  describe(): string[] {
    if (this.#missingCount === 0 && this.#strayByteLength === 0) return [];
    const found = [
      ...(this.#missingCount > 0 ? [`${this.#missingCount} of its MP3 frames are missing`] : []),
      ...(this.#strayByteLength > 0 ? [`${this.#strayByteLength} of its bytes are no MP3 frames`] : []),
    ];
    return [`About ${this.#seconds.toFixed(2)} s of sound may be lost: ${found.join(' and ')}.`];
  }
}
