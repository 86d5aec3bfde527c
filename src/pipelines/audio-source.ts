/** The forms of audio that pipelines accept, and clips that are prepared whole. */
import type { AudioBufferLike } from '../audio/audio-buffer.ts';
import type { AudioSamples } from '../audio/clips.ts';
import { joinSamples } from '../audio/channels.ts';
import { DEFAULT_MAX_SECONDS } from '../audio/duration.ts';
import type { Tensor } from '../base/tensor.ts';
import type { AudioItems } from './audio-items.ts';
import type { AudioObject } from './memory-source.ts';
import { openAudio } from './open-audio.ts';
import type { PreparedClip, PrepareOptions } from './prepared-clip.ts';

/**
 * One clip: the path or URL of an audio file (in browsers relative to the page), its bytes, a `Blob` or `File`, a decoded
 * `AudioBuffer`, samples at the model's rate, an object with samples and their rate, or a stream of bytes or samples.
 */
export type AudioSource =
  | string
  | URL
  | Blob
  | Uint8Array
  | ArrayBufferLike
  | DataView
  | AudioBufferLike
  | Exclude<AudioSamples, readonly number[]>
  | Tensor<'float32'>
  | AudioObject
  | AudioItems;

/**
 * Reads, decodes, mixes down and resamples a whole clip. The caller's objects stay unchanged.
 * @throws UniSpeechError `bad-input`, `bad-audio`, `not-found`, `network`; the signal's reason.
 */
export async function prepareClip(source: unknown, options: PrepareOptions): Promise<PreparedClip> {
  const { maxSeconds = DEFAULT_MAX_SECONDS } = options;
  const { stream, samples, stride, passThrough } = openAudio(source, { ...options, maxSeconds });
  const { name } = stream;
  if (samples) return { name, samples, stride, passThrough };
  const blocks: Float32Array[] = [];
  for await (const block of stream) blocks.push(block);
  return { name, samples: joinSamples(blocks), stride, passThrough, warnings: stream.warnings };
}
