/** A linear layer of a head, with the weights of which most heads are made. */
import type { Extent, TensorId } from '../../graph/graph-tensor.ts';
import type { HeadGraph } from './head.ts';

/**
 * @param name of the layer: of its output, and with `.weight` and `.bias` of its weights.
 * @param channels of its output.
 * @param extent of its input and output.
 */
export const addLayer = (
  { graph }: HeadGraph,
  name: string,
  channels: number,
  x: TensorId,
  extent: Extent = 'frames',
): TensorId =>
  graph.add(name, channels, { kind: 'linear', x, weight: `${name}.weight`, bias: `${name}.bias` }, extent);
