/** Picks how long the pieces of long audio are, where the caller leaves it to the engine. Pure. */
import { UniSpeechError } from '../base/errors.ts';

/**
 * In seconds, the best first. Attention takes time by the square of the length, so pieces longer than that only cost more; and models are
 * trained on clips of up to about 30 s.
 */
const CHOICES = [30, 20, 15, 10] as const;
const SHORTEST = 5;

/**
 * The longest choice whose activations the adapter has room for; the shortest where it has room for none, or cannot run them.
 * @param activationBytes of a clip of so many seconds. @throws UniSpeechError `limit-exceeded` where the adapter cannot run it.
 * @param budget bytes.
 */
export function pickChunkLength(activationBytes: (seconds: number) => number, budget: number): number {
  const fits = (seconds: number): boolean => {
    try {
      return activationBytes(seconds) <= budget;
    } catch (error) {
      if (error instanceof UniSpeechError && error.code === 'limit-exceeded') return false;
      throw error;
    }
  };
  return CHOICES.find(fits) ?? SHORTEST;
}
