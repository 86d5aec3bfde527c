import type { AudioClip } from '../base/files.ts';

/** The part of a Web Audio `AudioBuffer` that is used here: decoded channels and their rate. */
export interface AudioBufferLike {
  readonly numberOfChannels: number;
  /** In Hz. */
  readonly sampleRate: number;
  getChannelData(channel: number): Float32Array;
}

/** Without `instanceof`, because Node and workers have no such class. */
export const isAudioBuffer = (source: unknown): source is AudioBufferLike =>
  typeof source === 'object' &&
  source !== null &&
  'getChannelData' in source &&
  typeof source.getChannelData === 'function';

export const clipOf = (buffer: AudioBufferLike): AudioClip => ({
  channels: Array.from({ length: buffer.numberOfChannels }, (_, index) => buffer.getChannelData(index)),
  sampleRate: buffer.sampleRate,
});

/** The part of a WebCodecs `AudioData` that is used here. */
export interface AudioDataLike {
  readonly numberOfChannels: number;
  readonly numberOfFrames: number;
  /** In Hz. */
  readonly sampleRate: number;
  copyTo(
    destination: Float32Array,
    options: { readonly planeIndex: number; readonly format: 'f32-planar' },
  ): void;
  /** Gives its memory back. */
  close(): void;
}

/** Takes the samples of an `AudioData`, and closes it. */
export function takeAudioData(data: AudioDataLike): AudioClip {
  try {
    const channels = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
      const plane = new Float32Array(data.numberOfFrames);
      data.copyTo(plane, { planeIndex, format: 'f32-planar' });
      return plane;
    });
    return { channels, sampleRate: data.sampleRate };
  } finally {
    data.close();
  }
}
