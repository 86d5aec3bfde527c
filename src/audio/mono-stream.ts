/** Mixes sound down to one channel and resamples it to one rate, block by block. */
import { oneLine, UniSpeechError } from '../base/errors.ts';
import { nonFiniteIndex } from '../base/finite-samples.ts';
import type { AudioStream } from './audio-stream.ts';
import type { SoundBlock, SoundStream } from '../base/sound-stream.ts';
import { toMono } from './downmix.ts';
import { StreamResampler } from './stream-resampler.ts';

const MAX_WARNING_LENGTH = 400;

/** A warning about a part of a sound, with its name. */
export const namedWarning = (name: string, warning: string): string =>
  oneLine(`${name}: ${warning}`, MAX_WARNING_LENGTH);

/** Blocks of one channel at one rate. Sound that keeps its rate is resampled as one, so the sizes of the blocks change no sample. */
export async function* monoBlocks(
  sound: AsyncIterable<SoundBlock>,
  sampleRate: number,
): AsyncGenerator<Float32Array, void, undefined> {
  let fromRate = sampleRate;
  let resampler: StreamResampler | undefined;
  for await (const block of sound) {
    if (block.sampleRate !== fromRate) {
      if (resampler) yield resampler.flush();
      fromRate = block.sampleRate;
      resampler = fromRate === sampleRate ? undefined : new StreamResampler(fromRate, sampleRate);
    }
    const mono = toMono(block);
    yield resampler ? resampler.push(mono) : mono;
  }
  if (resampler) yield resampler.flush();
}

/**
 * Iterating it throws UniSpeechError `bad-input` for samples that are not finite, `bad-audio` for no samples at all, and what the sound throws.
 * @param name shown in errors.
 */
export function monoStream(sound: SoundStream, name: string, sampleRate: number): AudioStream {
  return {
    name,
    sampleRate,
    get declaredSeconds() {
      return sound.declaredSeconds;
    },
    get warnings() {
      return sound.warnings.map((warning) => namedWarning(name, warning));
    },
    async *[Symbol.asyncIterator]() {
      let sampleCount = 0;
      for await (const samples of monoBlocks(sound, sampleRate)) {
        if (samples.length === 0) continue;
        // Float files may contain any value, and sums of large samples may become infinite.
        const invalidIndex = nonFiniteIndex(samples);
        if (invalidIndex >= 0) {
          throw new UniSpeechError(
            'bad-input',
            `For ${name} a pipeline got a clip whose sample ${sampleCount + invalidIndex} is ${samples[invalidIndex]}, expected finite numbers.`,
          );
        }
        sampleCount += samples.length;
        yield samples;
      }
      if (sampleCount === 0)
        throw new UniSpeechError('bad-input', `For ${name} a pipeline got a clip without samples.`);
    },
  };
}
