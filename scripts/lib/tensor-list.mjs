/** Names and shapes of the tensors of a checkpoint, family by family, as config.json says. Names have no prefix of the family. */

const withBias = (name, shape) => [
  { name: `${name}.weight`, shape },
  { name: `${name}.bias`, shape: shape.slice(0, 1) },
];

const modelType = (config) => config.model_type ?? 'unispeech';

export const basePrefix = (config) => `${modelType(config).replaceAll('-', '_')}.`;

function convolutions(config) {
  const { conv_dim: channels } = config;
  const allHaveNorm = config.feat_extract_norm === 'layer' || modelType(config) === 'data2vec-audio';
  return channels.flatMap((channelCount, layer) => {
    const name = `feature_extractor.conv_layers.${layer}`;
    const shape = [channelCount, channels[layer - 1] ?? 1, config.conv_kernel[layer]];
    return [
      ...withBias(`${name}.conv`, shape).slice(0, config.conv_bias ? 2 : 1),
      ...(allHaveNorm || layer === 0 ? withBias(`${name}.layer_norm`, [channelCount]) : []),
    ];
  });
}

function featureProjection(config) {
  const { hidden_size: hidden, conv_dim: channels } = config;
  const channelCount = channels.at(-1);
  if (modelType(config) === 'sew') {
    return [
      ...withBias('layer_norm', [channelCount]),
      ...(channelCount === hidden ? [] : withBias('feature_projection', [hidden, channelCount])),
    ];
  }
  return [
    ...(config.feat_proj_layer_norm === false
      ? []
      : withBias('feature_projection.layer_norm', [channelCount])),
    ...withBias('feature_projection.projection', [hidden, channelCount]),
  ];
}

/** The int64 scalar `num_batches_tracked` of a batch norm is left out: nothing computes with it. */
function positionalConv(config) {
  const { hidden_size: hidden, num_conv_pos_embeddings: kernelSize } = config;
  const name = 'encoder.pos_conv_embed';
  const inChannels = hidden / config.num_conv_pos_embedding_groups;
  if (modelType(config) === 'data2vec-audio') {
    const shape = [hidden, inChannels, config.conv_pos_kernel_size ?? 19];
    return Array.from({ length: config.num_conv_pos_embeddings }, (_, layer) =>
      withBias(`${name}.layers.${layer}.conv`, shape),
    ).flat();
  }
  const shape = [hidden, inChannels, kernelSize];
  if (config.conv_pos_batch_norm) {
    return [
      ...withBias(`${name}.conv`, shape),
      ...withBias(`${name}.batch_norm`, [hidden]),
      { name: `${name}.batch_norm.running_mean`, shape: [hidden] },
      { name: `${name}.batch_norm.running_var`, shape: [hidden] },
    ];
  }
  return [
    { name: `${name}.conv.bias`, shape: [hidden] },
    { name: `${name}.conv.weight_g`, shape: [1, 1, kernelSize] },
    { name: `${name}.conv.weight_v`, shape },
  ];
}

function encoderLayers(config) {
  const { hidden_size: hidden, intermediate_size: intermediate, num_attention_heads: heads } = config;
  const adapterSize = config.do_stable_layer_norm ? (config.adapter_attn_dim ?? undefined) : undefined;
  return Array.from({ length: config.num_hidden_layers }, (_, index) => {
    const name = `encoder.layers.${index}`;
    const relativeBias = [
      { name: `${name}.attention.gru_rel_pos_const`, shape: [1, heads, 1, 1] },
      ...withBias(`${name}.attention.gru_rel_pos_linear`, [8, hidden / heads]),
      // The layers share the table of the first.
      ...(index === 0
        ? [{ name: `${name}.attention.rel_attn_embed.weight`, shape: [config.num_buckets ?? 320, heads] }]
        : []),
    ];
    return [
      ...['k_proj', 'v_proj', 'q_proj', 'out_proj'].flatMap((projection) =>
        withBias(`${name}.attention.${projection}`, [hidden, hidden]),
      ),
      ...(modelType(config) === 'wavlm' ? relativeBias : []),
      ...withBias(`${name}.layer_norm`, [hidden]),
      ...withBias(`${name}.feed_forward.intermediate_dense`, [intermediate, hidden]),
      ...withBias(`${name}.feed_forward.output_dense`, [hidden, intermediate]),
      ...withBias(`${name}.final_layer_norm`, [hidden]),
      ...(adapterSize === undefined
        ? []
        : [
            ...withBias(`${name}.adapter_layer.norm`, [hidden]),
            ...withBias(`${name}.adapter_layer.linear_1`, [adapterSize, hidden]),
            ...withBias(`${name}.adapter_layer.linear_2`, [hidden, adapterSize]),
          ]),
    ];
  }).flat();
}

function behindEncoder(config) {
  const { hidden_size: hidden, squeeze_factor: factor = 2 } = config;
  if (modelType(config) === 'sew') return withBias('encoder.upsample.projection', [hidden * factor, hidden]);
  if (!config.add_adapter) return [];
  const { num_adapter_layers: layerCount = 3, adapter_kernel_size: kernelSize = 3 } = config;
  const width = outputWidth(config);
  return [
    ...(width === hidden
      ? []
      : [...withBias('adapter.proj', [width, hidden]), ...withBias('adapter.proj_layer_norm', [width])]),
    ...Array.from({ length: layerCount }, (_, layer) =>
      withBias(`adapter.layers.${layer}.conv`, [2 * width, width, kernelSize]),
    ).flat(),
  ];
}

const outputWidth = ({ add_adapter, output_hidden_size, hidden_size }) =>
  add_adapter ? (output_hidden_size ?? hidden_size) : hidden_size;

const layerWeights = (config) =>
  config.use_weighted_layer_sum ? [{ name: 'layer_weights', shape: [config.num_hidden_layers + 1] }] : [];

const labelCount = ({ num_labels, id2label }) =>
  id2label === undefined ? (num_labels ?? 2) : Object.keys(id2label).length;

function xVectorTensors(config) {
  const { hidden_size: hidden, xvector_output_dim: width = 512 } = config;
  const { tdnn_dim: channels = [512, 512, 512, 512, 1500], tdnn_kernel: kernels = [5, 3, 3, 1, 1] } = config;
  return [
    ...layerWeights(config),
    ...withBias('projector', [channels[0], hidden]),
    ...channels.flatMap((channelCount, layer) =>
      withBias(`tdnn.${layer}.kernel`, [channelCount, (channels[layer - 1] ?? channels[0]) * kernels[layer]]),
    ),
    ...withBias('feature_extractor', [width, 2 * channels.at(-1)]),
    ...withBias('classifier', [width, width]),
    { name: 'objective.weight', shape: [width, labelCount(config)] },
  ];
}

/** Of UniSpeech and wav2vec2. */
function preTrainingTensors(config) {
  const { hidden_size: hidden, conv_dim: channels } = config;
  const { num_codevector_groups: groups = 2, codevector_dim: size = 256 } = config;
  const { num_codevectors_per_group: perGroup = 320, proj_codevector_dim: width = 256 } = config;
  const isUniSpeech = modelType(config) === 'unispeech';
  return [
    { name: 'quantizer.codevectors', shape: [1, groups * perGroup, size / groups] },
    ...withBias('quantizer.weight_proj', [groups * perGroup, channels.at(-1)]),
    ...withBias('project_q', [width, size]),
    ...withBias('project_hid', isUniSpeech ? [hidden, width] : [width, hidden]),
    ...(isUniSpeech ? withBias('ctc_proj', [config.num_ctc_classes ?? 80, hidden]) : []),
  ];
}

function headTensors(config) {
  const { hidden_size: hidden, classifier_proj_size: width = 256 } = config;
  const className = config.architectures?.[0] ?? 'UniSpeechForCTC';
  if (className.endsWith('Model')) return [];
  switch (className.slice(className.indexOf('For'))) {
    case 'ForCTC':
      return withBias('lm_head', [config.vocab_size, outputWidth(config)]);
    case 'ForSequenceClassification':
      return [
        ...layerWeights(config),
        ...withBias('projector', [width, hidden]),
        ...withBias('classifier', [labelCount(config), width]),
      ];
    case 'ForAudioFrameClassification':
      return [...layerWeights(config), ...withBias('classifier', [labelCount(config), hidden])];
    case 'ForXVector':
      return xVectorTensors(config);
    case 'ForPreTraining':
      return preTrainingTensors(config);
    default:
      throw new Error(`No list of the tensors of ${className}.`);
  }
}

export const tensorList = (config) => [
  { name: 'masked_spec_embed', shape: [config.hidden_size] },
  ...convolutions(config),
  ...featureProjection(config),
  ...positionalConv(config),
  ...withBias('encoder.layer_norm', [config.hidden_size]),
  ...encoderLayers(config),
  ...behindEncoder(config),
  ...headTensors(config).map((tensor) => ({ ...tensor, isHead: true })),
];
