/** Zero mean and unit variance, as in `transformers/models/wav2vec2/feature_extraction_wav2vec2.py`. */

/** Added inside the square root, so that a constant clip becomes zeros. */
const VARIANCE_EPSILON = 1e-7;

/** Normalises the whole row in place, by the mean and the population variance of its first `sampleCount` samples. */
export function normalizeInPlace(row: Float32Array, sampleCount: number): void {
  const samples = row.subarray(0, sampleCount);
  let sum = 0;
  for (const sample of samples) sum += sample;
  const mean = sum / sampleCount;
  let squares = 0;
  for (const sample of samples) squares += (sample - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / sampleCount + VARIANCE_EPSILON);
  row.forEach((sample, index) => {
    row[index] = (sample - mean) * scale;
  });
}
