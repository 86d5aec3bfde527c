/** From memory to tensors: drops the channel padding, gives outputs their shapes, and joins the parts of a batch. */
import { Tensor } from '../../base/tensor.ts';
import { ceil4 } from '../../gpu/kernel.ts';
import { framesOf, type GraphTensor } from '../../graph/graph-tensor.ts';
import type { RunShape } from '../../graph/shape.ts';

/** The tensor that an output's memory holds. */
export function toTensor(
  memory: Float32Array<ArrayBuffer>,
  tensor: GraphTensor,
  shape: RunShape,
): Tensor<'float32'> {
  const { extent, channels } = tensor;
  const { items } = shape;
  const frames = framesOf(tensor, shape);
  const isAttention = extent === 'attention' || extent === 'mean-attention';
  const rows = extent === 'batch' ? [] : extent === 'items' ? [items] : [items, frames];
  const dims = isAttention ? [items, channels, frames, frames] : [...rows, channels];
  const stride = extent === 'per-frame' ? 1 : ceil4(channels);
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (extent === 'mean-attention') averageHeads(memory.subarray(0, size), channels, frames ** 2);
  if (isAttention || stride === channels) return new Tensor('float32', memory.subarray(0, size), dims);
  const data = new Float32Array(size);
  for (let row = 0; row < size / channels; row++)
    data.set(memory.subarray(row * stride, row * stride + channels), row * channels);
  return new Tensor('float32', data, dims);
}

/** Puts the mean over the heads in the place of each: [item][head][numbers of a head]. */
function averageHeads(weights: Float32Array, heads: number, headLength: number): void {
  for (let start = 0; start < weights.length; start += heads * headLength) {
    const end = start + headLength;
    for (let i = start; i < end; i++) {
      let sum = 0;
      for (let head = 0; head < heads; head++) sum += weights[i + head * headLength] ?? 0;
      weights[i] = sum / heads;
    }
    for (let head = 1; head < heads; head++) weights.copyWithin(start + head * headLength, start, end);
  }
}

/** Joins one output of the parts of a batch: sums over the batch are added, all else follows along the items. */
export function joinParts(parts: readonly Tensor<'float32'>[], { extent }: GraphTensor): Tensor<'float32'> {
  const [first, ...others] = parts;
  if (first === undefined) throw new Error('nothing to join');
  if (others.length === 0) return first;
  if (extent === 'batch') {
    const sums = first.data.map((value, i) => others.reduce((sum, { data }) => sum + (data[i] ?? 0), value));
    return new Tensor('float32', sums, first.dims);
  }
  const data = new Float32Array(parts.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.size;
  }
  const items = parts.reduce((sum, { dims }) => sum + (dims[0] ?? 0), 0);
  return new Tensor('float32', data, [items, ...first.dims.slice(1)]);
}
