/**
 * The result of a demuxer: stretches that a single decoder can take, and silence in place of damaged parts.
 * Demuxers (FLAC, Ogg, MP3) are pure; the platform decodes, and `assemble.ts` joins the samples.
 */

export type AudioCodec = 'flac' | 'mp3' | 'vorbis' | 'opus';

/** Packets of one stream with one rate and channel count, without a gap. */
export interface EncodedStretch {
  readonly codec: AudioCodec;
  /** Rate of the decoded samples in Hz. */
  readonly sampleRate: number;
  readonly channelCount: number;
  /** Frames or packets in order, without codec headers; at least one. */
  readonly packets: readonly Uint8Array[];
  /** Decoded samples per channel of each packet, as the packet itself declares. */
  readonly sampleCounts: readonly number[];
  /**
   * The decoder configuration in the form that WebCodecs takes; undefined for MP3. Stretches with the same description object
   * belong to one stream and may share a decoder.
   */
  readonly description?: Uint8Array | undefined;
  /** The decoded samples per channel that belong to the sound: `[start, end)`. */
  readonly range: readonly [start: number, end: number];
  /** The stretch as a separate file, for decoders that take whole files. It decodes to all samples, not only to `range`. */
  toFile(): Uint8Array;
}

/** The common properties of a stream's packets. Packets with the same object can share a decoder. */
export type StreamFormat = Pick<EncodedStretch, 'codec' | 'sampleRate' | 'channelCount' | 'description'> & {
  readonly toFile: (packets: readonly Uint8Array[], sampleCounts: readonly number[]) => Uint8Array;
};

/** Stands for lost sound, so that everything after it keeps its time. */
export interface SilentStretch {
  readonly codec: 'silence';
  readonly sampleRate: number;
  readonly sampleCount: number;
}

/** The length of a stretch in the clip, in samples per channel. */
export function sampleCountOf(stretch: EncodedStretch | SilentStretch): number {
  if (stretch.codec === 'silence') return stretch.sampleCount;
  const [start, end] = stretch.range;
  return Math.max(0, Math.min(end, decodedCountOf(stretch)) - start);
}

/** The length of the decoder's output for a stretch, in samples per channel. */
export const decodedCountOf = ({ sampleCounts }: EncodedStretch): number =>
  sampleCounts.reduce((sum, count) => sum + count, 0);

/** Seconds for a sentence, with two decimals. A smaller positive value is not shown as zero. */
export const secondsText = (seconds: number): string => {
  const text = seconds.toFixed(2);
  return text === '0.00' ? 'less than 0.01 s' : `${text} s`;
};
