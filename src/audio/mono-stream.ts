/** Sound of one channel at one rate, checked: what the feature extractor gets. */
import { oneLine, UniSpeechError } from '../base/errors.ts';
import { nonFiniteIndex } from '../base/finite-samples.ts';
import type { AudioStream } from './audio-stream.ts';
import type { SoundStream } from '../base/sound-stream.ts';
import { checkDuration, emptyPart } from './duration.ts';
import { monoBlocks } from './mono-blocks.ts';
import { blocksInRange, type SoundRange } from './sound-range.ts';

const MAX_WARNING_LENGTH = 400;

/** A warning about a part of a sound, with its name. */
export const namedWarning = (name: string, warning: string): string =>
  oneLine(`${name}: ${warning}`, MAX_WARNING_LENGTH);

/**
 * Iterating it throws UniSpeechError `bad-input` for samples that are not finite, `bad-audio` for no samples at all, and what the sound throws.
 * @param name shown in errors.
 * @param part of the sound; all of it by default.
 */
export function monoStream(
  sound: SoundStream,
  name: string,
  sampleRate: number,
  part?: SoundPart,
): AudioStream {
  return {
    name,
    sampleRate,
    get declaredSeconds() {
      const { declaredSeconds } = sound;
      if (!part || declaredSeconds === undefined) return declaredSeconds;
      const { startSample, endSample } = part.range;
      return Math.max(0, Math.min(declaredSeconds, endSample / sampleRate) - startSample / sampleRate);
    },
    get warnings() {
      return sound.warnings.map((warning) => namedWarning(name, warning));
    },
    async *[Symbol.asyncIterator]() {
      let sampleCount = 0;
      let passedCount = 0;
      const onPassed = (count: number): void => void (passedCount = count);
      const blocks = part
        ? blocksInRange(sound, sampleRate, part.range, onPassed)
        : monoBlocks(sound, sampleRate);
      for await (const samples of blocks) {
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
        if (part) checkDuration(name, sampleCount / sampleRate, part.maxSeconds, { isAtLeast: true });
        yield samples;
      }
      if (sampleCount === 0 && passedCount > 0)
        throw emptyPart(name, (part?.range.startSample ?? 0) / sampleRate, passedCount / sampleRate);
      if (sampleCount === 0)
        throw new UniSpeechError('bad-input', `For ${name} a pipeline got a clip without samples.`);
    },
  };
}

/** A part of a sound that is asked for. */
export interface SoundPart {
  readonly range: SoundRange;
  /** Of the part. */
  readonly maxSeconds: number | undefined;
}
