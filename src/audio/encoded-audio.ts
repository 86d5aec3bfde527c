/**
 * What a demuxer finds in a compressed file: stretches that one decoder each can take, and the silence that stands for what
 * is damaged. Demuxers (FLAC, Ogg, MP3) are pure; the platform decodes.
 */

export type AudioCodec = 'flac' | 'mp3' | 'vorbis' | 'opus';

/** Packets of one stream with one rate and one number of channels, without a gap. */
export interface EncodedStretch {
  readonly codec: AudioCodec;
  /** Of the decoded samples, in Hz. */
  readonly sampleRate: number;
  readonly channelCount: number;
  /** Frames or packets in order, codec headers left out. */
  readonly packets: readonly Uint8Array[];
  /** What a decoder must know beside the packets, in the form that WebCodecs takes; undefined for MP3. */
  readonly description?: Uint8Array | undefined;
  /** What counts of the decoded samples of each channel: `[start, end)`; `end` may be Infinity. */
  readonly range: readonly [start: number, end: number];
  /** The stretch as a file of its own, for decoders that take whole files. */
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
  /** What was lost or worked around: one sentence each, with seconds. */
  readonly warnings: readonly string[];
}
