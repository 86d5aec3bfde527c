/** Changes of layout, outside of what is timed. */
import type { HostTensor } from './engine.ts';

type Numbers = Float32Array<ArrayBuffer>;

/** The transpose of a matrix of `rows` rows. */
export function transposed(data: Float32Array, rows: number): Numbers {
  const columns = data.length / rows;
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = data[row * columns + column] ?? NaN;
  return out;
}

/** [frames, heads · headSize] → [heads, frames, headSize]. */
export function headsFirst({ data }: HostTensor, heads: number, headSize: number): Numbers {
  const width = heads * headSize;
  const frames = data.length / width;
  const out = new Float32Array(data.length);
  for (let frame = 0; frame < frames; frame++)
    for (let head = 0; head < heads; head++)
      out.set(
        data.subarray(frame * width + head * headSize, frame * width + (head + 1) * headSize),
        (head * frames + frame) * headSize,
      );
  return out;
}

/** [heads, frames, headSize] → [frames, heads · headSize]. */
export function framesFirst(data: Float32Array, heads: number, headSize: number): Numbers {
  const frames = data.length / (heads * headSize);
  const out = new Float32Array(data.length);
  for (let head = 0; head < heads; head++)
    for (let frame = 0; frame < frames; frame++)
      out.set(
        data.subarray((head * frames + frame) * headSize, (head * frames + frame + 1) * headSize),
        (frame * heads + head) * headSize,
      );
  return out;
}
