/** The positional convolution of most families: grouped, over many frames, with its weight norm folded at load (`Wav2Vec2PositionalConvEmbedding`). */
import { ceil4 } from '../../gpu/kernel.ts';
import type { TensorId } from '../../graph/graph-tensor.ts';
import type { FrameWindow } from '../../graph/shape.ts';
import { activationOf, type EncoderBuilder } from './encoder-builder.ts';
import type { ConfigFields } from './config-fields.ts';
import type { PositionPiece } from './pieces.ts';
import { convPlace, frameConv, vector, type WeightBuffer } from './weight-buffers.ts';

export const POSITIONAL_CONV_NAME = 'encoder.pos_conv_embed.conv';
const NAME = POSITIONAL_CONV_NAME;

/** Weight norm over everything but the kernel position: w = g[k] · v / ‖v[·, ·, k]‖, → [group][out][k][in]. */
function weightNormed(config: ConfigFields): WeightBuffer {
  const { hidden_size: hidden, num_conv_pos_embeddings: kernel } = config;
  const inChannels = hidden / config.num_conv_pos_embedding_groups;
  const rowLength = kernel * ceil4(inChannels);
  return {
    name: `${NAME}.weight`,
    elementCount: hidden * rowLength,
    rowLength,
    sources: [
      { name: `${NAME}.weight_g`, shape: [1, 1, kernel] },
      { name: `${NAME}.weight_v`, shape: [hidden, inChannels, kernel] },
    ],
    pack([g = new Float32Array(), v = new Float32Array()], packed) {
      const squares = new Float64Array(kernel);
      for (let i = 0; i < v.length; i++) squares[i % kernel] = (squares[i % kernel] ?? 0) + (v[i] ?? 0) ** 2;
      const scales = squares.map((square, k) => (g[k] ?? 0) / Math.sqrt(square));
      for (let i = 0; i < v.length; i++)
        packed[convPlace(i, inChannels, kernel)] = (v[i] ?? 0) * (scales[i % kernel] ?? 0);
    },
  };
}

/** The weights of a positional convolution without weight norm. */
export function positionalWeights(
  { hidden_size: hidden, num_conv_pos_embedding_groups: groups }: ConfigFields,
  name: string,
  kernel: number,
): readonly WeightBuffer[] {
  return frameConv(name, hidden, hidden / groups, kernel);
}

/**
 * A grouped convolution, which has as many frames as it reads, or as there are windows.
 * @param name of its tensors.
 */
export function addPositionalConv(
  { config, graph }: EncoderBuilder,
  x: TensorId,
  {
    name,
    label,
    kernel,
    window,
  }: {
    readonly name: string;
    readonly label: string;
    readonly kernel: number;
    readonly window?: FrameWindow | undefined;
  },
): TensorId {
  return graph.add(label, config.hidden_size, {
    kind: 'frame_conv',
    x,
    weight: `${name}.weight`,
    bias: `${name}.bias`,
    groups: config.num_conv_pos_embedding_groups,
    taps: { kernel, stride: window?.stride ?? 1, padding: Math.floor(kernel / 2), dilation: 1 },
    window,
  });
}

/**
 * The positions of frames, behind the activation.
 * @param window the windows that get a position, where not every frame does.
 */
export function addPositions(build: EncoderBuilder, h: TensorId, window?: FrameWindow): TensorId {
  const { num_conv_pos_embeddings: kernel, feat_extract_activation } = build.config;
  const positions = addPositionalConv(build, h, { name: NAME, label: 'positional conv', kernel, window });
  return build.activate('positional activation', activationOf(feat_extract_activation), positions);
}

export const POSITIONAL_CONV: PositionPiece = {
  layout: (config) => [weightNormed(config), vector(`${NAME}.bias`, config.hidden_size)],
  // Not a template: bundlers keep what holds one.
  sizes: [['num_conv_pos_embeddings', 'encoder.pos_conv_embed.conv.weight_v', 2, 3]],
  addTo: (build, h) => build.add('positional sum', h, addPositions(build, h)),
};
