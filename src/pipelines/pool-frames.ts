/** From the hidden states of a batch to the vectors of one clip. Pure. */
import type { Tensor } from '../base/tensor.ts';

/**
 * @param states [clips, frames, width].
 * @param row the clip. Its first `frameCount` frames are its own, the others are padding.
 * @returns the vectors of its frames, or the mean of them, in memory of their own.
 */
export function vectorsOf(
  states: Tensor<'float32'>,
  row: number,
  frameCount: number,
  { pooled, normalized }: { readonly pooled: boolean; readonly normalized: boolean },
): Float32Array<ArrayBuffer> {
  const width = states.dims[2] ?? 0;
  const frames = states.at(row).data.subarray(0, frameCount * width);
  const vectors = pooled ? meanOf(frames, width) : frames.slice();
  if (normalized) normalizeRows(vectors, width);
  return vectors;
}

/** The mean of rows, summed in float64. */
function meanOf(rows: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const sums = new Float64Array(width);
  for (let index = 0; index < rows.length; index++)
    sums[index % width] = (sums[index % width] ?? 0) + (rows[index] ?? 0);
  return Float32Array.from(sums, (sum) => (sum * width) / rows.length);
}

/** Scales every row to a Euclidean length of 1. Rows of zeros stay as they are. */
export function normalizeRows(rows: Float32Array, width: number): void {
  for (let start = 0; start < rows.length; start += width) {
    const row = rows.subarray(start, start + width);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) row.forEach((value, index) => (row[index] = value / length));
  }
}
