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
import { activationOf } from '../encoder/encoder-builder.ts';
import type { Family } from '../encoder/family.ts';
import { FRAME_ADAPTER } from '../encoder/frame-adapter.ts';
import type { PositionPiece } from '../encoder/pieces.ts';
import { addPositionalConv, positionalWeights } from '../encoder/positional-conv.ts';
import { HEAD_TENSORS } from './head-tensors.ts';

const ownFields = () => ({
  /** Frames that each positional convolution reads. */
  conv_pos_kernel_size: integerField(19, 1, 2 ** 12),
});
type Data2VecAudioFields = ConfigFields & FieldValues<ReturnType<typeof ownFields>>;

/** The norms between the convolutions have no weights, and PyTorch's default epsilon. */
const NORM_EPSILON = 1e-5;

/** Here `num_conv_pos_embeddings` is the number of convolutions. Padded frames are zeros in front of the first one only. */
const stackedPositions = (kernel: number): PositionPiece => {
  const namesOf = ({ num_conv_pos_embeddings: count }: ConfigFields) =>
    Array.from({ length: count }, (_, i) => `encoder.pos_conv_embed.layers.${i}.conv`);
  return {
    layout: (config) => namesOf(config).flatMap((name) => positionalWeights(config, name, kernel)),
    sizes: [],
    addTo(build, h) {
      const { config, graph } = build;
      let x = h;
      namesOf(config).forEach((name, i) => {
        const label = `positional conv ${i}`;
        const unnormed = addPositionalConv(build, x, { name, label, kernel });
        const normed = graph.add(`${label} norm`, config.hidden_size, {
          kind: 'layer_norm',
          x: unnormed,
          gamma: undefined,
          beta: undefined,
          epsilon: NORM_EPSILON,
        });
        x = build.activate(`${label} activation`, activationOf(config.feat_extract_activation), normed);
      });
      return build.add('positional sum', h, x);
    },
  };
};

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
  pieces: ({ conv_pos_kernel_size, add_adapter }: Data2VecAudioFields) => ({
    positions: stackedPositions(conv_pos_kernel_size),
    finish: add_adapter ? FRAME_ADAPTER : undefined,
  }),
};

/** A checked configuration of a data2vec model (`Data2VecAudioConfig`). */
export class Data2VecAudioConfig extends EncoderConfig {
  static override readonly family = DATA2VEC_AUDIO;
  declare readonly model_type: 'data2vec-audio';
  declare readonly conv_pos_kernel_size: number;
}
