/** The tensors of a graph: their axes, and how large they are for a shape. */
import { ceil4 } from '../gpu/kernel.ts';
import { framesAfter, type FrameWindow, type RunShape } from './shape.ts';

/**
 * The axes of a tensor. Rows of channels with a stride rounded up to 4: `frames` is [item, frame, channel], `items` is
 * [item, channel], `batch` is one row for all items. One number per entry: `per-item` is [item], `per-frame` is [item, frame]. Others:
 * `attention` is [item, head, query, key], `mean-attention` the same, but of each item callers get the mean over the heads, once for
 * each; `audio` is [item, sample].
 *
 * A batch may be run in parts. Parts of an output follow each other along the items; those of a `batch` output are added, so it must be
 * a sum over the items.
 */
export type Extent =
  | 'audio'
  | 'frames'
  | 'items'
  | 'batch'
  | 'attention'
  | 'mean-attention'
  | 'per-item'
  | 'per-frame';

export interface GraphTensor {
  readonly name: string;
  readonly extent: Extent;
  /** Channels of `frames`, `items` and `batch`, heads of `attention`, else 1. */
  readonly channels: number;
  /** How its frames follow from those of the convolutions. Without it there are as many. */
  readonly windows?: readonly FrameWindow[];
}

/** Frames of a tensor for each item. */
export const framesOf = ({ windows = [] }: GraphTensor, { frames }: RunShape): number =>
  framesAfter(frames, windows);

/** Number of elements of a tensor in memory. */
export function elementCount(tensor: GraphTensor, shape: RunShape): number {
  const { extent, channels } = tensor;
  const { items, samples } = shape;
  const frames = framesOf(tensor, shape);
  switch (extent) {
    case 'audio':
      return items * samples;
    case 'frames':
      return items * frames * ceil4(channels);
    case 'items':
      return items * ceil4(channels);
    case 'batch':
      return ceil4(channels);
    case 'attention':
    case 'mean-attention':
      return items * channels * frames * frames;
    case 'per-item':
      return items;
    case 'per-frame':
      return items * frames;
  }
}

/** Number of rows of channels in a tensor. */
export function rowCount(tensor: GraphTensor, shape: RunShape): number {
  const { name, extent } = tensor;
  if (extent === 'frames') return shape.items * framesOf(tensor, shape);
  if (extent === 'items') return shape.items;
  if (extent === 'batch') return 1;
  throw new Error(`the tensor ${name} has no rows of channels: its extent is ${extent}`);
}

/** Index into the graph's tensors. */
export type TensorId = number;
/** Name of a weight buffer, as `src/speech/encoder/weight-layout.ts` lays it out. */
export type WeightName = string;
