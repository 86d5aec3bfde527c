/** From memory to tensors: drops the channel padding and gives outputs their shapes. */
import { Tensor } from '../../base/tensor.ts';
import { ceil4 } from '../../gpu/kernel.ts';
import type { GraphTensor } from '../../graph/graph.ts';
import type { RunShape } from '../../graph/shape.ts';

/** The tensor that an output's memory holds. */
export function toTensor(
  memory: Float32Array<ArrayBuffer>,
  { extent, channels }: GraphTensor,
  { items, frames }: RunShape,
): Tensor<'float32'> {
  const isAttention = extent === 'attention';
  const rows = extent === 'items' ? [items] : [items, frames];
  const dims = isAttention ? [items, channels, frames, frames] : [...rows, channels];
  const stride = ceil4(channels);
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (isAttention || stride === channels) return new Tensor('float32', memory.subarray(0, size), dims);
  const data = new Float32Array(size);
  for (let row = 0; row < size / channels; row++)
    data.set(memory.subarray(row * stride, row * stride + channels), row * channels);
  return new Tensor('float32', data, dims);
}

/** Concatenates the outputs of sub-batches along the first axis. */
export function concatenate(parts: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to concatenate');
  if (parts.length === 1) return first;
  const data = new Float32Array(parts.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.size;
  }
  const items = parts.reduce((sum, { dims }) => sum + (dims[0] ?? 0), 0);
  return new Tensor('float32', data, [items, ...first.dims.slice(1)]);
}
