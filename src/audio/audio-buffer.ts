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
