/**
 * What a demuxer finds in a compressed file: stretches that one decoder each can take, and the silence that stands for what
 * is damaged. Demuxers (FLAC, Ogg, MP3) are pure; the platform decodes, and `assemble.ts` puts the samples together.
 */

export type AudioCodec = 'flac' | 'mp3' | 'vorbis' | 'opus';

/** Packets of one stream with one rate and one number of channels, without a gap. */
export interface EncodedStretch {
  readonly codec: AudioCodec;
  /** Of the decoded samples, in Hz. */
  readonly sampleRate: number;
  readonly channelCount: number;
  /** Frames or packets in order, codec headers left out; at least one. */
  readonly packets: readonly Uint8Array[];
  /** How many samples of each channel a decoder makes of each packet, by what the packet says of itself. */
  readonly sampleCounts: readonly number[];
  /**
   * What a decoder must know beside the packets, in the form that WebCodecs takes; undefined for MP3. Stretches with the very
   * same description may share a decoder: they are of one stream.
   */
  readonly description?: Uint8Array | undefined;
  /** What counts of the decoded samples of each channel: `[start, end)`; `end` may be Infinity. */
  readonly range: readonly [start: number, end: number];
  /** The stretch as a file of its own, for decoders that take whole files: it decodes to all samples, not only to `range`. */
  toFile(): Uint8Array;
}

/** Stands for sound that is lost, so that all that follows keeps its time. */
export interface SilentStretch {
  readonly codec: 'silence';
  readonly sampleRate: number;
  readonly sampleCount: number;
}

export interface EncodedAudio {
  readonly stretches: readonly (EncodedStretch | SilentStretch)[];
  /** What was worked around, beside the silence, of which the assembler tells: one sentence each. */
  readonly warnings: readonly string[];
}

/** The samples of each channel that a stretch stands for. */
export function sampleCountOf(stretch: EncodedStretch | SilentStretch): number {
  if (stretch.codec === 'silence') return stretch.sampleCount;
  const [start, end] = stretch.range;
  return Math.max(0, Math.min(end, decodedCountOf(stretch)) - start);
}

/** The samples of each channel that a decoder makes of a stretch. */
export const decodedCountOf = ({ sampleCounts }: EncodedStretch): number =>
  sampleCounts.reduce((sum, count) => sum + count, 0);

/** Seconds for sentences: two digits behind the point, as many as tell something from nothing. */
export const secondsText = (seconds: number): string => {
  const text = seconds.toFixed(2);
  return text === '0.00' ? 'less than 0.01 s' : `${text} s`;
};
