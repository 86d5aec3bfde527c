/** The head of wav2vec 2.0's pre-training (`Wav2Vec2ForPreTraining`): a quantizer beside the encoder, and projections of both. */
import { flatMask } from '../../base/number-tables.ts';
import { linear } from '../encoder/weight-buffers.ts';
import { addLayer } from './add-layer.ts';
import type { Head } from './head.ts';
import { addQuantizer, prepareQuantizer, type QuantizedOutputs, quantizerLayout } from './quantizer.ts';

/**
 * Its states are [B, T, proj_codevector_dim], and `codevector_perplexity` tells of the masked frames where the call has `mask_time_indices`,
 * else of all.
 */
export const CONTRASTIVE_HEAD: Head<QuantizedOutputs> = {
  argumentNames: ['sampled_negative_indices', 'gumbel'],
  prepare(call) {
    const { mask_time_indices: mask } = call.inputs;
    const { items, frames } = call.shape;
    const masked =
      mask === undefined || mask === null ? undefined : flatMask(mask, 'mask_time_indices', items, frames);
    return prepareQuantizer(call, masked);
  },
  layout: (config) => [
    ...quantizerLayout(config),
    ...linear('project_hid', config.proj_codevector_dim, config.hidden_size),
  ],
  sizes: [
    ['codevector_dim', 'project_q.weight', 1, 2],
    ['proj_codevector_dim', 'project_q.weight', 0, 2],
  ],
  addTo(target) {
    const { graph, config, addEncoder } = target;
    const { lastHiddenState, features } = addEncoder();
    const predicted = addLayer(target, 'project_hid', config.proj_codevector_dim, lastHiddenState);
    graph.output('projected_states', predicted);
    graph.output('projected_quantized_states', addQuantizer(target, features));
  },
};
