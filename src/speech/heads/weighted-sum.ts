/** What heads read of the encoder: its output, or with `use_weighted_layer_sum` a weighted sum of all hidden states. */
import { softmax } from '../../base/softmax.ts';
import { ceil4 } from '../../gpu/kernel.ts';
import type { TensorId } from '../../graph/graph-tensor.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import type { EncoderTensors } from '../encoder/encoder-graph.ts';
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import { LAYER_WEIGHTS, type HeadGraph } from './head.ts';

/** The softmax of the weights of the hidden states, where the configuration has them. */
export function layerWeights({
  use_weighted_layer_sum,
  num_hidden_layers,
}: EncoderConfig): readonly WeightBuffer[] {
  if (!use_weighted_layer_sum) return [];
  const count = num_hidden_layers + 1;
  return [
    {
      name: LAYER_WEIGHTS,
      sources: [{ name: LAYER_WEIGHTS, shape: [count] }],
      elementCount: ceil4(count),
      pack([weights = new Float32Array()], packed) {
        packed.set(softmax(weights));
      },
    },
  ];
}

/** Frames for a head that reads each of them. */
export interface HeadFrames extends Pick<EncoderTensors, 'keyCounts'> {
  /** [item, frame, hidden]. */
  readonly frames: TensorId;
}

/** Adds the encoder. Each hidden state is added to the sum as it comes, so none is kept for it. */
export function addFrames({ graph, config, addEncoder }: HeadGraph): HeadFrames {
  let total: TensorId | undefined;
  let index = 0;
  const { lastHiddenState, keyCounts } = addEncoder((x) => {
    if (!config.use_weighted_layer_sum) return;
    const factor = { weights: LAYER_WEIGHTS, index };
    total = graph.add(`weighted sum ${index++}`, graph.channelsOf(x), {
      kind: 'accumulate',
      x,
      factor,
      total,
    });
  });
  return { frames: total ?? lastHiddenState, keyCounts };
}
