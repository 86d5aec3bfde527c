/**
 * The head of UniSpeech's pre-training (`UniSpeechForPreTraining`): a quantizer beside the encoder, and a layer from either to characters.
 */
import { flatMask, type NumberTable } from '../../base/number-tables.ts';
import type { Tensor } from '../../base/tensor.ts';
import { linear } from '../encoder/weight-buffers.ts';
import { addLayer } from './add-layer.ts';
import type { Head } from './head.ts';
import {
  addQuantizer,
  prepareQuantizer,
  type QuantizedOutputs,
  type QuantizerArguments,
  quantizerLayout,
} from './quantizer.ts';

/**
 * Output of `UniSpeechForPreTraining` (`UniSpeechForPreTrainingOutput`); B batch, T frames. Its states are [B, T, hidden]: `projected_states`
 * is the encoder's output, in spite of its name not projected, and the quantized features are projected twice. The perplexity is of the whole
 * batch, padded frames included, also where the batch is run in parts; with `gumbel` it is that of the softmax of the codes' logits. The loss
 * is that of wav2vec 2.0, as transformers has none for this class.
 */
export interface UniSpeechForPreTrainingOutput extends QuantizedOutputs {
  /** [B, T, num_ctc_classes]: raw logits of `ctc_proj` over the mixed states; only if the call has a `mix_mask`. */
  readonly logits?: Tensor<'float32'>;
}

/** Arguments of a call of `UniSpeechForPreTraining`. */
export interface PreTrainingArguments extends QuantizerArguments {
  /**
   * [batch, frames]: 1 for a frame at which `ctc_proj` reads the quantized features in place of the encoder's output. The reference draws
   * it with the probability `replace_prob`, and drops the logits.
   */
  readonly mix_mask?: NumberTable | null;
}

export const PRE_TRAINING_HEAD: Head<UniSpeechForPreTrainingOutput> = {
  argumentNames: ['mix_mask', 'sampled_negative_indices', 'gumbel'],
  prepare(call) {
    const { items, frames } = call.shape;
    const { mix_mask: mixMask } = call.inputs;
    const { graphInputs, readOutputs } = prepareQuantizer(call, undefined);
    const mixCodes =
      mixMask === undefined || mixMask === null
        ? []
        : [['mix_codes', Uint32Array.from(flatMask(mixMask, 'mix_mask', items, frames))] as const];
    return {
      graphInputs: new Map([...mixCodes, ...graphInputs]),
      readOutputs(outputs) {
        const logits = outputs.get('logits');
        return { ...readOutputs(outputs), ...(logits && { logits }) };
      },
    };
  },
  layout: (config) => [
    ...quantizerLayout(config),
    ...linear('project_hid', config.hidden_size, config.proj_codevector_dim),
    ...linear('ctc_proj', config.num_ctc_classes, config.hidden_size),
  ],
  sizes: [
    ['num_ctc_classes', 'ctc_proj.weight', 0, 2],
    ['codevector_dim', 'project_q.weight', 1, 2],
    ['proj_codevector_dim', 'project_q.weight', 0, 2],
  ],
  addTo(target) {
    const { graph, config, given, addEncoder } = target;
    const { hidden_size: hidden } = config;
    const { lastHiddenState, features } = addEncoder();
    graph.output('projected_states', lastHiddenState);
    const quantized = addLayer(target, 'project_hid', hidden, addQuantizer(target, features));
    graph.output('projected_quantized_states', quantized);
    if (!given.has('mix_codes')) return;
    const mixed = graph.add('mixed states', hidden, {
      kind: 'mask_frames',
      x: lastHiddenState,
      codes: graph.input('mix_codes', 'per-frame'),
      replacement: quantized,
    });
    graph.output('logits', addLayer(target, 'ctc_proj', config.num_ctc_classes, mixed));
  },
};
