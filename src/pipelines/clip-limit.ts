/** How long a clip may be that a model runs whole: what is added to the error for one that is too long. */
import { DEFAULT_MAX_SECONDS } from '../audio/duration.ts';
import { UniSpeechError } from '../base/errors.ts';
import { smallestPassing } from '../base/smallest-passing.ts';

/** The part of a model that plans a run without running it. */
interface PlannedModel {
  explain(dims: readonly number[]): unknown;
}

/**
 * @param sampleRate of the model in Hz.
 * @throws UniSpeechError `limit-exceeded` that says how many seconds the adapter can take; other errors of `work` as they are.
 */
export async function withClipLimit<Result>(
  model: PlannedModel,
  sampleRate: number,
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof UniSpeechError) || error.code !== 'limit-exceeded') throw error;
    const isTooLong = (seconds: number): boolean => {
      try {
        model.explain([1, seconds * sampleRate]);
        return false;
      } catch {
        return true;
      }
    };
    const seconds = smallestPassing(1, DEFAULT_MAX_SECONDS + 1, isTooLong) - 1;
    // It is not the length then: the memory ran out, or nothing fits.
    if (seconds < 1 || seconds >= DEFAULT_MAX_SECONDS) throw error;
    throw new UniSpeechError(
      error.code,
      error.sentence,
      `Give clips of at most ${seconds} s: this task runs each one whole, and this adapter cannot take longer ones with this model.`,
      { cause: error },
    );
  }
}
