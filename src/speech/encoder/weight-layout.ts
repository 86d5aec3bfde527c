/** The weights of the encoder: attention, and all buffers in the order of use. */
import { ceil4 } from '../../gpu/kernel.ts';
import type { ExpectedTensor } from '../../checkpoint/names.ts';
import type { EncoderConfig } from './config.ts';
import type { Encoder } from './encoder.ts';
import type { SizeField } from './size-field.ts';
import {
  conv,
  linear,
  matrix,
  norm,
  padded,
  plain,
  spread,
  vector,
  type WeightBuffer,
} from './weight-buffers.ts';

/**
 * q, k and v in one matrix, rows of each head padded to a multiple of 4; the output projection's columns
 * follow the same padded order.
 */
function attention(name: string, config: EncoderConfig): readonly WeightBuffer[] {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const headSize = hidden / heads;
  const width = heads * ceil4(headSize);
  const columns = ceil4(hidden);
  const place = (feature: number): number => spread(feature, headSize, ceil4(headSize));
  const ofParts = (end: string, shape: readonly number[]): readonly ExpectedTensor[] =>
    ['q_proj', 'k_proj', 'v_proj'].map((part) => ({ name: `${name}.${part}.${end}`, shape }));
  const output = { name: `${name}.out_proj.weight`, shape: [hidden, hidden] };
  return [
    matrix(
      columns,
      padded(
        `${name}.qkv.weight`,
        ofParts('weight', [hidden, hidden]),
        3 * width * columns,
        (i, part) => (part * width + place(Math.floor(i / hidden))) * columns + (i % hidden),
      ),
    ),
    padded(`${name}.qkv.bias`, ofParts('bias', [hidden]), 3 * width, (i, part) => part * width + place(i)),
    matrix(
      width,
      padded(
        output.name,
        [output],
        columns * width,
        (i) => Math.floor(i / hidden) * width + place(i % hidden),
      ),
    ),
    vector(`${name}.out_proj.bias`, hidden),
  ];
}

/** Every weight buffer of the encoder, in the order of use. */
export function encoderLayout({ config, pieces }: Encoder): readonly WeightBuffer[] {
  const { featureNorm, featureProjection, positions, attentionBias, layerAdapter, finish } = pieces;
  const { hidden_size: hidden, intermediate_size: intermediate } = config;
  const lastConv = config.conv_dim.at(-1) ?? 1;
  const convLayers = config.conv_dim.flatMap((channels, i) => {
    const name = `feature_extractor.conv_layers.${i}`;
    const kernel = config.conv_kernel[i] ?? 1;
    const hasNorm = config.feat_extract_norm === 'layer' || i === 0;
    return [
      i === 0
        ? plain(`${name}.conv.weight`, [{ name: `${name}.conv.weight`, shape: [channels, 1, kernel] }])
        : conv(`${name}.conv`, channels, config.conv_dim[i - 1] ?? 1, kernel),
      ...(config.conv_bias ? [vector(`${name}.conv.bias`, channels)] : []),
      ...(hasNorm ? norm(`${name}.layer_norm`, channels) : []),
    ];
  });
  const encoderLayers = Array.from({ length: config.num_hidden_layers }, (_, n) => {
    const name = `encoder.layers.${n}`;
    return [
      ...attention(`${name}.attention`, config),
      ...(attentionBias?.layout(config, n) ?? []),
      ...norm(`${name}.layer_norm`, hidden),
      ...linear(`${name}.feed_forward.intermediate_dense`, intermediate, hidden),
      ...linear(`${name}.feed_forward.output_dense`, hidden, intermediate),
      ...norm(`${name}.final_layer_norm`, hidden),
      ...(layerAdapter?.layout(config, name) ?? []),
    ];
  }).flat();
  return [
    ...convLayers,
    ...(featureNorm === undefined ? [] : norm(featureNorm, lastConv)),
    ...(featureProjection === undefined ? [] : linear(featureProjection, hidden, lastConv)),
    ...(config.hasMaskEmbedding ? [vector('masked_spec_embed', hidden)] : []),
    ...positions.layout(config),
    ...norm('encoder.layer_norm', hidden),
    ...encoderLayers,
    ...(finish?.layout(config) ?? []),
  ];
}

const INTERMEDIATE = 'encoder.layers.0.feed_forward.intermediate_dense.weight';
/** Tensors of the encoder whose sizes are also in config.json. */
export const encoderSizes = ({ pieces }: Encoder): readonly SizeField[] => [
  ['hidden_size', 'encoder.layer_norm.weight', 0, 1],
  ['intermediate_size', INTERMEDIATE, 0, 2],
  ...pieces.positions.sizes,
];
