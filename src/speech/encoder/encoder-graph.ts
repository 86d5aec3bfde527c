/**
 * The encoder as a graph, in the order of the reference (`modeling_unispeech.py`): convolutions, feature projection,
 * positional convolution, transformer layers. A head follows it (`src/speech/heads`).
 */
import { ceil4 } from '../../gpu/kernel.ts';
import type { ConvLayer } from '../../graph/graph-node.ts';
import type { TensorId } from '../../graph/graph-tensor.ts';
import type { GraphBuilder } from '../../graph/graph.ts';
import type { EncoderConfig } from './config.ts';
import type { Encoder } from './encoder.ts';
import { activationOf, EncoderBuilder } from './encoder-builder.ts';

/** The reference's convolutions use PyTorch's default epsilon, whatever `layer_norm_eps` says. */
const CONV_NORM_EPSILON = 1e-5;

/** Selects what a forward pass computes. Equal options give equal graphs. */
export interface GraphOptions {
  /** Whether frames are masked before the encoder: padding, or `mask_time_indices`. */
  readonly masksFrames: boolean;
  readonly hiddenStates: boolean;
  readonly attentions: boolean;
  /** Which convention the last hidden state of a stable encoder follows. */
  readonly hiddenStatesConvention: 'current' | 'classic';
}

/** The encoder's outputs for a head. */
export interface EncoderTensors {
  /** [item, frame, hidden]: the output of the encoder. */
  readonly lastHiddenState: TensorId;
  /** [item, frame, last conv width]: the convolutions' output after the norm of the feature projection. */
  readonly features: TensorId;
  /** [item]: number of frames of the convolutions that are not padding. */
  readonly keyCounts: TensorId;
}

/**
 * Called with each hidden state, [item, frame, hidden], when the operations before it are in the graph: one before the first layer and
 * one after each.
 */
export type HiddenStateVisitor = (state: TensorId, keyCounts: TensorId) => void;

/** Adds the encoder to an empty graph, with the requested optional outputs. */
export function addEncoder(
  graph: GraphBuilder,
  { config, pieces }: Encoder,
  options: GraphOptions,
  onHiddenState?: HiddenStateVisitor,
): EncoderTensors {
  const audio = graph.input('input_values', 'audio');
  const keyCounts = graph.input('key_counts', 'per-item');
  const hidden = config.hidden_size;
  const lastConv = config.conv_dim.at(-1) ?? 1;
  const convActivation = activationOf(config.feat_extract_activation);

  const build = new EncoderBuilder(graph, config);
  const layerKeyCounts =
    config.pooledFrames === undefined ? keyCounts : graph.input('layer_key_counts', 'per-item');
  const recordHiddenState = (index: number, x: TensorId): void => {
    onHiddenState?.(x, layerKeyCounts);
    if (options.hiddenStates) graph.output(`hidden_states.${index}`, x);
  };

  const convOut = graph.add('conv features', lastConv, {
    kind: 'conv_stack',
    audio,
    layers: convLayers(config),
    activation: convActivation,
    epsilon: CONV_NORM_EPSILON,
  });
  const features =
    pieces.featureNorm === undefined ? convOut : build.layerNorm(pieces.featureNorm, 'feature norm', convOut);
  let h =
    pieces.featureProjection === undefined
      ? features
      : build.linear(pieces.featureProjection, 'feature projection', features, hidden);
  if (options.masksFrames) {
    h = graph.add('mask frames', hidden, {
      kind: 'mask_frames',
      x: h,
      codes: graph.input('frame_codes', 'per-frame'),
      replacement: config.hasMaskEmbedding ? 'masked_spec_embed' : undefined,
    });
  }

  h = pieces.positions.addTo(build, h);
  const isStable = config.do_stable_layer_norm;
  if (!isStable) h = build.layerNorm('encoder.layer_norm', 'encoder norm', h);
  // The last state is that behind the last norm then; without layers it is the only one.
  const endsNormed = isStable && options.hiddenStatesConvention === 'classic';
  if (config.num_hidden_layers > 0 || !endsNormed) recordHiddenState(0, h);

  const heads = config.num_attention_heads;
  const headSize = hidden / heads;
  const headWidth = heads * ceil4(headSize);
  for (let n = 0; n < config.num_hidden_layers; n++) {
    const name = `encoder.layers.${n}`;
    const label = `layer ${n}`;
    const selfAttention = (x: TensorId): TensorId => {
      const qkv = build.linear(`${name}.attention.qkv`, `${label} qkv`, x, 3 * headWidth);
      const bias = pieces.attentionBias?.addTo(build, x, n, label);
      const attends = { qkv, keyCounts: layerKeyCounts, heads, headSize, ...bias };
      if (options.attentions) {
        const weights = graph.add(
          `${label} weights`,
          heads,
          { kind: 'attention_weights', ...attends },
          bias ? 'mean-attention' : 'attention',
        );
        graph.output(`attentions.${n}`, weights);
      }
      const context = graph.add(`${label} attention`, headWidth, { kind: 'attention', ...attends });
      return build.linear(`${name}.attention.out_proj`, `${label} out`, context, hidden);
    };
    const feedForward = (x: TensorId): TensorId => {
      const width = config.intermediate_size;
      const up = build.linear(`${name}.feed_forward.intermediate_dense`, `${label} up`, x, width);
      const activated = build.activate(`${label} activation`, activationOf(config.hidden_act), up);
      return build.linear(`${name}.feed_forward.output_dense`, `${label} down`, activated, hidden);
    };
    const attentionNorm = (x: TensorId): TensorId =>
      build.layerNorm(`${name}.layer_norm`, `${label} norm`, x);
    const finalNorm = (x: TensorId): TensorId =>
      build.layerNorm(`${name}.final_layer_norm`, `${label} final norm`, x);
    if (isStable) {
      h = build.add(`${label} attention sum`, h, selfAttention(attentionNorm(h)));
      h = build.add(`${label} sum`, h, feedForward(finalNorm(h)));
    } else {
      h = attentionNorm(build.add(`${label} attention sum`, h, selfAttention(h)));
      h = finalNorm(build.add(`${label} sum`, h, feedForward(h)));
    }
    if (pieces.layerAdapter) h = pieces.layerAdapter.addTo(build, h, name, label);
    const isLast = n === config.num_hidden_layers - 1;
    if (!(isLast && endsNormed)) recordHiddenState(n + 1, h);
  }
  if (isStable) {
    h = build.layerNorm('encoder.layer_norm', 'encoder norm', h);
    if (endsNormed) recordHiddenState(config.num_hidden_layers, h);
  }
  if (pieces.finish) h = pieces.finish.addTo(build, h, features);

  return { lastHiddenState: h, features, keyCounts };
}

function convLayers(config: EncoderConfig): readonly ConvLayer[] {
  return config.convGeometry.map((geometry, i) => {
    const name = `feature_extractor.conv_layers.${i}`;
    const kind = config.feat_extract_norm;
    const hasNorm = kind === 'layer' || i === 0;
    return {
      ...geometry,
      channels: config.conv_dim[i] ?? 1,
      weight: `${name}.conv.weight`,
      bias: config.conv_bias ? `${name}.conv.bias` : undefined,
      norm: hasNorm
        ? { kind, gamma: `${name}.layer_norm.weight`, beta: `${name}.layer_norm.bias` }
        : undefined,
    };
  });
}
