/**
 * Whether samples are numbers. The feature extractor and the models both refuse samples that are not, and both are public; on the
 * way from one to the other inside a pipeline one look is enough.
 */

/** Arrays that hold finite numbers and that nobody outside can change. */
const known = new WeakSet<Float32Array>();

/** The first sample that is no finite number; -1 where all are. */
export function nonFiniteIndex(samples: Float32Array): number {
  if (known.has(samples)) return -1;
  // `findIndex` takes five times as long, which counts in hours of sound.
  for (let index = 0; index < samples.length; index += 1) if (!Number.isFinite(samples[index])) return index;
  return -1;
}

/** Vouches for an array that was made from finite samples and that no caller holds: it is not looked at again. */
export const vouchFinite = (samples: Float32Array): void => void known.add(samples);
