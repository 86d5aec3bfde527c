/** `UniSpeechForCTC` of base models in the operations of `array-ops.ts`, written from the specification and not from this project's graph. */
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { CONV_NORM_EPSILON, outputFrames, type ConvShape, type OpWeight, type OpWork } from './array-ops.ts';
import type { HostTensor } from './engine.ts';
import { foldWeightNorm } from './host-layout.ts';

const PREFIX = 'unispeech.';
const POSITIONAL = 'encoder.pos_conv_embed.conv';
/** Older PyTorch and newer. */
const WEIGHT_NORM_NAMES = [
  { g: 'weight_g', v: 'weight_v' },
  { g: 'parametrizations.weight.original0', v: 'parametrizations.weight.original1' },
] as const;

/**
 * @param samples [samples, 1].
 * @param tensors of the checkpoint, with or without the prefix `unispeech.`.
 * @throws Error in one sentence where the model is of another kind, or lacks a weight.
 */
export function modelInOps(
  samples: HostTensor,
  tensors: Readonly<Record<string, HostTensor>>,
  configJson: unknown,
): OpWork {
  const config = UniSpeechConfig.fromJson(configJson);
  checkKind(config);
  const sampleCount = samples.data.length;
  const convolutions = convShapes(config, sampleCount);
  const positional = {
    frames: config.frameCount(sampleCount),
    channels: config.hidden_size,
    groups: config.num_conv_pos_embedding_groups,
    kernel: config.num_conv_pos_embeddings,
  };
  return {
    inputs: { x: samples },
    weights: modelWeights(config, tensors),
    convolutions,
    groupedConvolutions: [positional],
    apply(ops, input, weight) {
      type X = ReturnType<typeof input>;
      const linear = (x: X, name: string): X =>
        ops.linear(x, weight(`${name}.weight`), weight(`${name}.bias`));
      const layerNorm = (x: X, name: string): X =>
        ops.layerNorm(x, weight(`${name}.weight`), weight(`${name}.bias`), config.layer_norm_eps);

      let h = input('x');
      convolutions.forEach((shape, i) => {
        const name = `feature_extractor.conv_layers.${i}`;
        h = ops.conv(h, weight(`${name}.conv.weight`), shape);
        if (i === 0) {
          const [gamma, beta] = [weight(`${name}.layer_norm.weight`), weight(`${name}.layer_norm.bias`)];
          h = ops.channelNorm(h, gamma, beta, CONV_NORM_EPSILON);
        }
        h = ops.gelu(h);
      });
      h = linear(layerNorm(h, 'feature_projection.layer_norm'), 'feature_projection.projection');

      const position = ops.groupedConv(ops.again(h), weight(`${POSITIONAL}.weight`), positional);
      h = ops.add(h, ops.gelu(ops.addVector(position, weight(`${POSITIONAL}.bias`))));
      h = layerNorm(h, 'encoder.layer_norm');
      for (let n = 0; n < config.num_hidden_layers; n++) {
        const name = `encoder.layers.${n}`;
        const projected = (part: string): X => linear(ops.again(h), `${name}.attention.${part}_proj`);
        const context = ops.attention(
          projected('q'),
          projected('k'),
          projected('v'),
          config.num_attention_heads,
        );
        h = layerNorm(ops.add(h, linear(context, `${name}.attention.out_proj`)), `${name}.layer_norm`);
        const wide = ops.gelu(linear(ops.again(h), `${name}.feed_forward.intermediate_dense`));
        h = layerNorm(
          ops.add(h, linear(wide, `${name}.feed_forward.output_dense`)),
          `${name}.final_layer_norm`,
        );
      }
      return linear(h, 'lm_head');
    },
  };
}

function checkKind(config: UniSpeechConfig): void {
  const { feat_extract_norm: norm, do_stable_layer_norm: isStable, conv_bias: hasBias } = config;
  if (norm !== 'group' || isStable || hasBias) {
    throw new Error(
      'The peers know base models only: "feat_extract_norm" is "group", "do_stable_layer_norm" and "conv_bias" are false.',
    );
  }
  for (const activation of [config.hidden_act, config.feat_extract_activation]) {
    if (activation !== 'gelu')
      throw new Error(`The peers know models with the activation "gelu" only, not "${activation}".`);
  }
}

function convShapes(config: UniSpeechConfig, sampleCount: number): readonly ConvShape[] {
  const shapes: ConvShape[] = [];
  config.convGeometry.forEach((geometry, i) => {
    const before = shapes.at(-1);
    shapes.push({
      ...geometry,
      frames: before === undefined ? sampleCount : outputFrames(before),
      inputs: before?.outputs ?? 1,
      outputs: config.conv_dim[i] ?? 1,
    });
  });
  return shapes;
}

/** Under their names without prefix; the weight norm of the positional convolution is folded. */
function modelWeights(
  config: UniSpeechConfig,
  tensors: Readonly<Record<string, HostTensor>>,
): ReadonlyMap<string, OpWeight> {
  const byName = new Map(Object.entries(tensors).map(([name, tensor]) => [name.replace(PREFIX, ''), tensor]));
  const weights = new Map<string, OpWeight>();
  for (const [name, tensor] of byName) {
    if (name.startsWith(`${POSITIONAL}.`) && name !== `${POSITIONAL}.bias`) continue;
    // The embedding of masked frames has no part in recognition.
    if (name === 'masked_spec_embed') continue;
    const role = tensor.dims.length === 1 ? 'vector' : tensor.dims.length === 2 ? 'matrix' : 'conv';
    weights.set(name, { role, tensor });
  }
  const folded = WEIGHT_NORM_NAMES.flatMap(({ g, v }) => {
    const [scale, direction] = [byName.get(`${POSITIONAL}.${g}`), byName.get(`${POSITIONAL}.${v}`)];
    return scale && direction ? [foldWeightNorm(scale, direction)] : [];
  })[0];
  if (folded === undefined) throw new Error(`the checkpoint lacks the weight norm of ${POSITIONAL}`);
  weights.set(`${POSITIONAL}.weight`, {
    role: 'grouped_conv',
    groups: config.num_conv_pos_embedding_groups,
    tensor: folded,
  });
  return weights;
}
