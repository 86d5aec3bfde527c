/** Positions of several convolutions, one behind the other (`Data2VecAudioPositionalConvEmbedding`). */
import type { ConfigFields } from './config-fields.ts';
import { activationOf } from './encoder-builder.ts';
import type { PositionPiece } from './pieces.ts';
import { addPositionalConv, positionalWeights } from './positional-conv.ts';

/** The norms between the convolutions have no weights, and PyTorch's default epsilon. */
const NORM_EPSILON = 1e-5;

/**
 * Here `num_conv_pos_embeddings` is the number of convolutions. Padded frames are zeros in front of the first one only.
 * @param kernel frames that each convolution reads.
 */
export const stackedPositions = (kernel: number): PositionPiece => {
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
