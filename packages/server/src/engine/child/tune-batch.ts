/** How many pieces share a batch: as many as make this device faster, as more of them only make others wait. */
import type { AutomaticSpeechRecognitionPipeline } from 'unispeech-webgpu';
import { CHECK_SECONDS, checkSound } from './check-device.ts';

/** A batch twice as large must do so much more in its time. */
const LEAST_GAIN = 1.1;
/** Of a batch that is measured. */
export const MOST_PIECES = 8;
/** What a measured size depends on, beside the engine, the device and the model. */
export const BATCH_RULE = [LEAST_GAIN, MOST_PIECES, CHECK_SECONDS] as const;

/**
 * Doubles the batch as long as that pays. Pure.
 * @param rateOf pieces a second in batches of a size.
 */
export async function largestUseful(
  rateOf: (size: number) => Promise<number>,
  most: number,
): Promise<number> {
  let size = 1;
  let rate = await rateOf(size);
  while (2 * size <= most) {
    const next = await rateOf(2 * size);
    if (next < LEAST_GAIN * rate) break;
    size *= 2;
    rate = next;
  }
  return size;
}

/** Measures this device with this model, once it is checked. It takes some seconds of sound where batches gain nothing, half a minute of it where they do. */
export function tuneBatch(
  recognizer: AutomaticSpeechRecognitionPipeline,
  sampleRate: number,
): Promise<number> {
  const sound = checkSound(sampleRate);
  return largestUseful(async (size) => {
    const run = (): Promise<unknown> =>
      recognizer(new Array<Float32Array>(size).fill(sound), { batch_size: size });
    // A shape that is new is planned first.
    await run();
    const start = performance.now();
    await run();
    return size / (performance.now() - start);
  }, MOST_PIECES);
}
