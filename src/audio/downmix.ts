/** Several channels into one. */
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';

/**
 * The mean over the channels, as `transformers/pipelines/automatic_speech_recognition.py` mixes arrays down.
 * A clip of one channel gives that channel itself, not a copy.
 *
 * @throws UniSpeechError `bad-audio` for no channels, or channels of different lengths.
 */
export function toMono(clip: AudioClip): Float32Array {
  const [first, ...others] = clip.channels;
  if (first === undefined) {
    throw new UniSpeechError('bad-audio', 'An audio clip needs at least one channel, this one has none.');
  }
  if (others.length === 0) return first;
  const sums = Float64Array.from(first);
  for (const channel of others) {
    if (channel.length !== first.length) {
      throw new UniSpeechError(
        'bad-audio',
        `The channels of an audio clip must be of one length, found ${first.length} and ${channel.length} samples.`,
      );
    }
    channel.forEach((sample, index) => {
      sums[index] = (sums[index] ?? 0) + sample;
    });
  }
  return Float32Array.from(sums, (sum) => sum / clip.channels.length);
}
