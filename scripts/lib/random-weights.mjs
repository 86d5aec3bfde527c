/**
 * Seeded random weights and inputs: the same numbers on every machine, and the same as those of
 * `test/reference/` (recipe in its `reference_weights.py`). Names here have no `unispeech.` prefix.
 */

/** Uniform in [-0.5, 0.5), from two integers. */
function mix(i, j) {
  let hash = Math.imul(i + 1, 2654435761) ^ Math.imul(j + 1, 40503);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x45d9f3b);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x45d9f3b);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32 - 0.5;
}

/** FNV-1a of the UTF-8 bytes. */
function fnv(name) {
  let hash = 2166136261;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 16777619);
  return hash >>> 0;
}

/** An element is `offset + scale * u`, with u uniform in [-0.5, 0.5). */
function distribution(name, shape) {
  const lastPart = name.slice(name.lastIndexOf('.') + 1);
  if (lastPart === 'bias') return { offset: 0, scale: 0.2 };
  if (lastPart === 'weight' && name.includes('layer_norm')) return { offset: 1, scale: 0.4 };
  if (lastPart === 'weight_g') return { offset: 1, scale: 0.5 };
  if (shape.length >= 2 && lastPart !== 'codevectors') {
    // A variance of 1 / fan-in keeps activations of the order of 1 through any number of layers.
    return { offset: 0, scale: 2 * Math.sqrt(3 / shape.slice(1).reduce((a, b) => a * b, 1)) };
  }
  return { offset: 0, scale: 1 };
}

/**
 * Fills `target` with the elements of a tensor from `elementOffset` on.
 * @param {string} name
 * @param {readonly number[]} shape
 * @param {Float32Array} target
 * @param {number} [elementOffset]
 */
export function fillTensor(name, shape, target, elementOffset = 0) {
  const seed = fnv(name);
  const { offset, scale } = distribution(name, shape);
  for (let i = 0; i < target.length; i++) target[i] = offset + scale * mix(elementOffset + i, seed);
}

/** The samples of one item of an input batch. */
export function inputSamples(batchItem, sampleCount) {
  return Float32Array.from({ length: sampleCount }, (_, i) => 2 * mix(i, 1000 + batchItem));
}

const withBias = (name, shape) => [
  { name: `${name}.weight`, shape },
  { name: `${name}.bias`, shape: shape.slice(0, 1) },
];

/** The tensors of the class that config.json names: of `UniSpeechForCTC` where it names none. */
function headTensors(config) {
  const { hidden_size: hidden } = config;
  switch (config.architectures?.[0] ?? 'UniSpeechForCTC') {
    case 'UniSpeechForCTC':
      return withBias('lm_head', [config.vocab_size, hidden]);
    case 'UniSpeechForSequenceClassification': {
      const { classifier_proj_size: width = 256, num_labels: labelCount = 2 } = config;
      return [
        ...(config.use_weighted_layer_sum
          ? [{ name: 'layer_weights', shape: [config.num_hidden_layers + 1] }]
          : []),
        ...withBias('projector', [width, hidden]),
        ...withBias('classifier', [labelCount, width]),
      ];
    }
    case 'UniSpeechForPreTraining': {
      const { num_codevector_groups: groups = 2, codevector_dim: size = 256 } = config;
      const { num_codevectors_per_group: perGroup = 320, proj_codevector_dim: width = 256 } = config;
      return [
        { name: 'quantizer.codevectors', shape: [1, groups * perGroup, size / groups] },
        ...withBias('quantizer.weight_proj', [groups * perGroup, config.conv_dim.at(-1)]),
        ...withBias('project_q', [width, size]),
        ...withBias('project_hid', [hidden, width]),
        ...withBias('ctc_proj', [config.num_ctc_classes ?? 80, hidden]),
      ];
    }
    default:
      return [];
  }
}

/**
 * Names and shapes of all tensors of the class that config.json names, in the order of its modules, and whether they are its head's.
 * @param {import('./random-weights.mjs').CtcConfig} config
 */
export function tensorList(config) {
  const { hidden_size: hidden, intermediate_size: intermediate, conv_dim: channels } = config;
  const convolutions = channels.flatMap((channelCount, layer) => {
    const name = `feature_extractor.conv_layers.${layer}`;
    const shape = [channelCount, channels[layer - 1] ?? 1, config.conv_kernel[layer]];
    const hasNorm = config.feat_extract_norm === 'layer' || layer === 0;
    return [
      ...withBias(`${name}.conv`, shape).slice(0, config.conv_bias ? 2 : 1),
      ...(hasNorm ? withBias(`${name}.layer_norm`, [channelCount]) : []),
    ];
  });
  const layers = Array.from({ length: config.num_hidden_layers }, (_, index) => {
    const name = `encoder.layers.${index}`;
    return [
      ...['k_proj', 'v_proj', 'q_proj', 'out_proj'].flatMap((projection) =>
        withBias(`${name}.attention.${projection}`, [hidden, hidden]),
      ),
      ...withBias(`${name}.layer_norm`, [hidden]),
      ...withBias(`${name}.feed_forward.intermediate_dense`, [intermediate, hidden]),
      ...withBias(`${name}.feed_forward.output_dense`, [hidden, intermediate]),
      ...withBias(`${name}.final_layer_norm`, [hidden]),
    ];
  }).flat();
  const positionalConv = 'encoder.pos_conv_embed.conv';
  const kernelSize = config.num_conv_pos_embeddings;
  return [
    { name: 'masked_spec_embed', shape: [hidden] },
    ...convolutions,
    ...withBias('feature_projection.layer_norm', [channels.at(-1)]),
    ...withBias('feature_projection.projection', [hidden, channels.at(-1)]),
    { name: `${positionalConv}.bias`, shape: [hidden] },
    { name: `${positionalConv}.weight_g`, shape: [1, 1, kernelSize] },
    {
      name: `${positionalConv}.weight_v`,
      shape: [hidden, hidden / config.num_conv_pos_embedding_groups, kernelSize],
    },
    ...withBias('encoder.layer_norm', [hidden]),
    ...layers,
    ...headTensors(config).map((tensor) => ({ ...tensor, isHead: true })),
  ];
}
