/** The check of a device before it serves anybody: it must give one answer for one sound, alone and beside another. */
import { EngineError } from '../engine-error.ts';

/** What of a recogniser the check uses. */
export interface CheckedRecognizer {
  (sound: Float32Array): Promise<{ readonly text: string }>;
  (
    sounds: readonly Float32Array[],
    options: { readonly batch_size: number },
  ): Promise<readonly { readonly text: string }[]>;
  emissions(sound: Float32Array): AsyncIterable<{ readonly data: Float32Array }>;
}

/** Of its sound. */
export const CHECK_SECONDS = 1;

/** Noise with a pitch, the same each time: neither silence nor words. */
export function checkSound(sampleRate: number): Float32Array {
  const sound = new Float32Array(CHECK_SECONDS * sampleRate);
  let state = 1;
  for (let index = 0; index < sound.length; index += 1) {
    // Linear congruences of Numerical Recipes.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const tone =
      Math.sin((2 * Math.PI * 180 * index) / sampleRate) * Math.sin((2 * Math.PI * 3 * index) / sampleRate);
    sound[index] = 0.2 * tone + 0.05 * (state / 2 ** 31 - 1);
  }
  return sound;
}

async function logitsOf(recognizer: CheckedRecognizer, sound: Float32Array): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for await (const { data } of recognizer.emissions(sound)) parts.push(data);
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/**
 * @returns seconds of sound for a second of work, after the first run, which compiles.
 * @throws EngineError `no_device` where the device does not pass.
 */
export async function checkDevice(recognizer: CheckedRecognizer, sampleRate: number): Promise<number> {
  const sound = checkSound(sampleRate);
  const first = await logitsOf(recognizer, sound);
  const start = performance.now();
  const second = await logitsOf(recognizer, sound);
  const seconds = (performance.now() - start) / 1000;
  const different = first.findIndex((value, index) => value !== second[index]);
  if (first.length === 0 || first.length !== second.length || different >= 0) {
    throw new EngineError(
      'no_device',
      `The device gave two answers for one sound: value ${different} of ${first.length} was ${first[different]}, then ${second[different]}. Update its driver, or choose another device.`,
    );
  }
  // Equal lengths, so that models that read padding may share a batch.
  const { text: alone } = await recognizer(sound);
  const both = await recognizer([sound, sound], { batch_size: 2 });
  if (both.some(({ text }) => text !== alone))
    throw new EngineError(
      'no_device',
      'The device gave another text for a sound in a batch than alone. Update its driver, or choose another device.',
    );
  return CHECK_SECONDS / seconds;
}
