/**
 * Positions behind a batch norm with the statistics of training (`HubertPositionalConvEmbedding` with `conv_pos_batch_norm`). The norm is not
 * folded into the convolution, as the zeros around the frames come behind it.
 */
import { ceil4 } from '../../gpu/kernel.ts';
import type { PositionPiece } from './pieces.ts';
import { addPositions, POSITIONAL_CONV_NAME, positionalWeights } from './positional-conv.ts';
import type { WeightBuffer } from './weight-buffers.ts';

const NAME = 'encoder.pos_conv_embed.batch_norm';
/** PyTorch's default. */
const EPSILON = 1e-5;

/** The norm as a row of shifts and a row of scales. */
function affine(channels: number): WeightBuffer {
  return {
    name: NAME,
    elementCount: 2 * ceil4(channels),
    sources: ['weight', 'bias', 'running_mean', 'running_var'].map((part) => ({
      name: `${NAME}.${part}`,
      shape: [channels],
    })),
    pack(sources, packed) {
      for (let i = 0; i < channels; i++) {
        const [weight = 0, bias = 0, mean = 0, variance = 0] = sources.map((values) => values[i] ?? 0);
        const scale = weight / Math.sqrt(variance + EPSILON);
        packed[i] = bias - mean * scale;
        packed[ceil4(channels) + i] = scale;
      }
    },
  };
}

export const batchNormedPositions = (): PositionPiece => ({
  layout: (config) => [
    affine(config.hidden_size),
    ...positionalWeights(config, POSITIONAL_CONV_NAME, config.num_conv_pos_embeddings),
  ],
  // Not a template: bundlers keep what holds one.
  sizes: [['num_conv_pos_embeddings', 'encoder.pos_conv_embed.conv.weight', 2, 3]],
  addTo(build, h) {
    const { graph, config } = build;
    const normed = graph.add('positional norm', config.hidden_size, {
      kind: 'channel_affine',
      x: h,
      weights: NAME,
    });
    return build.add('positional sum', h, addPositions(build, normed));
  },
});
