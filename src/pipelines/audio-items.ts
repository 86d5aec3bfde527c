/** Streams of audio, as callers bring them. */
import type { AudioBufferLike, AudioDataLike } from '../audio/audio-buffer.ts';

/** Samples with their rate, as one of many. */
export interface SampleObject {
  readonly data?: unknown;
  readonly raw?: unknown;
  readonly array?: unknown;
  readonly audio?: unknown;
  /** In Hz. */
  readonly sampling_rate: number;
}

/**
 * One piece of a stream: samples (at the model's rate, or with their own), decoded audio, or bytes of a file. An object with a `buffer`, as
 * sinks of mediabunny give it, holds an `AudioBuffer`.
 */
export type AudioItem =
  | Float32Array
  | SampleObject
  | AudioBufferLike
  | { readonly buffer: AudioBufferLike }
  | AudioDataLike
  | Uint8Array
  | ArrayBuffer;

interface ItemReader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  cancel(): Promise<void>;
}

/** An async iterable of pieces (Node's `Readable` is one), or a `ReadableStream` of them. All are bytes, or none is. */
export type AudioItems = AsyncIterable<AudioItem> | { getReader(): ItemReader };

export const isAudioItems = (source: unknown): source is AudioItems =>
  typeof source === 'object' &&
  source !== null &&
  (Symbol.asyncIterator in source || ('getReader' in source && typeof source.getReader === 'function'));
