/** wav2vec 2.0 (Baevski et al., 2020; `configuration_wav2vec2.py`), with it XLSR, XLS-R and MMS. */
import { choiceField } from '../encoder/config-fields.ts';
import { EncoderConfig } from '../encoder/config.ts';
import type { Family } from '../encoder/family.ts';
import { attentionAdapter, frameAdapter } from '../encoder/later-pieces.ts';
import { HEAD_TENSORS } from './head-tensors.ts';

export const WAV2VEC2: Family = {
  model_type: 'wav2vec2',
  className: 'Wav2Vec2',
  fields: () => ({ ctc_loss_reduction: choiceField('sum', 'mean', 'none') }),
  names: { basePrefix: 'wav2vec2.', otherTensors: HEAD_TENSORS },
  adapters: ['adapter_attn_dim', 'add_adapter'],
  // The reference gives layers that normalise their output no adapter, whatever the file says.
  pieces: async ({ adapter_attn_dim, do_stable_layer_norm, add_adapter }) => ({
    layerAdapter:
      adapter_attn_dim !== null && do_stable_layer_norm
        ? await attentionAdapter(adapter_attn_dim)
        : undefined,
    finish: add_adapter ? await frameAdapter() : undefined,
  }),
};

/** A checked configuration of a wav2vec 2.0 model (`Wav2Vec2Config`). */
export class Wav2Vec2Config extends EncoderConfig {
  static override readonly family = WAV2VEC2;
  declare readonly model_type: 'wav2vec2';
}
