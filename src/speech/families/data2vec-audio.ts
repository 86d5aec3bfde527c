/** data2vec for audio (Baevski et al., 2022; `configuration_data2vec_audio.py`): several positional convolutions, one behind the other. */
import {
  booleanField,
  choiceField,
  type ConfigFields,
  type FieldValues,
  fixedField,
  integerField,
} from '../encoder/config-fields.ts';
import { EncoderConfig } from '../encoder/config.ts';
import type { Family } from '../encoder/family.ts';
import { frameAdapter, stackedPositions } from '../encoder/later-pieces.ts';
import { HEAD_TENSORS } from './head-tensors.ts';

const ownFields = () => ({
  /** Frames that each positional convolution reads. */
  conv_pos_kernel_size: integerField(19, 1, 2 ** 12),
});
type Data2VecAudioFields = ConfigFields & FieldValues<ReturnType<typeof ownFields>>;

export const DATA2VEC_AUDIO: Family = {
  model_type: 'data2vec-audio',
  className: 'Data2VecAudio',
  fields: () => ({
    ...ownFields(),
    ctc_loss_reduction: choiceField('sum', 'mean', 'none'),
    feat_extract_norm: fixedField(choiceField('group', 'layer'), 'layer'),
    do_stable_layer_norm: fixedField(booleanField(false), false),
    num_conv_pos_embeddings: integerField(5, 1, 64),
  }),
  names: { basePrefix: 'data2vec_audio.', otherTensors: HEAD_TENSORS },
  adapters: ['add_adapter'],
  readsPadding: () => true,
  pieces: async ({ conv_pos_kernel_size, add_adapter }: Data2VecAudioFields) => ({
    positions: await stackedPositions(conv_pos_kernel_size),
    finish: add_adapter ? await frameAdapter() : undefined,
  }),
};

/** A checked configuration of a data2vec model (`Data2VecAudioConfig`). */
export class Data2VecAudioConfig extends EncoderConfig {
  static override readonly family = DATA2VEC_AUDIO;
  declare readonly model_type: 'data2vec-audio';
  declare readonly conv_pos_kernel_size: number;
}
