/** Configurations of the sizes that benchmarks and tests are run on. Plain data, for Node and browsers. */

const BASE = {
  architectures: ['UniSpeechForCTC'],
  model_type: 'unispeech',
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: 'gelu',
  layer_norm_eps: 1e-5,
  feat_extract_norm: 'group',
  feat_extract_activation: 'gelu',
  conv_dim: [512, 512, 512, 512, 512, 512, 512],
  conv_stride: [5, 2, 2, 2, 2, 2, 2],
  conv_kernel: [10, 3, 3, 3, 3, 2, 2],
  conv_bias: false,
  num_conv_pos_embeddings: 128,
  num_conv_pos_embedding_groups: 16,
  do_stable_layer_norm: false,
  mask_time_prob: 0.05,
  vocab_size: 32,
  pad_token_id: 0,
  bos_token_id: 1,
  eos_token_id: 2,
  torch_dtype: 'float32',
};

const TINY = {
  ...BASE,
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 128,
  conv_dim: [32, 32, 32, 32, 32, 32, 32],
  num_conv_pos_embeddings: 16,
  num_conv_pos_embedding_groups: 4,
};
const LIKE_LARGE = {
  num_hidden_layers: 24,
  feat_extract_norm: 'layer',
  conv_bias: true,
  do_stable_layer_norm: true,
};
const LARGE = {
  ...BASE,
  ...LIKE_LARGE,
  hidden_size: 1024,
  num_attention_heads: 16,
  intermediate_size: 4096,
};

/** What the config.json of another family says instead of, or in addition to, the fields above, at every size. */
const FAMILIES = {
  wav2vec2: { architectures: ['Wav2Vec2ForCTC'], model_type: 'wav2vec2' },
  hubert: { architectures: ['HubertForCTC'], model_type: 'hubert' },
  wavlm: {
    architectures: ['WavLMForCTC'],
    model_type: 'wavlm',
    num_buckets: 320,
    max_bucket_distance: 800,
  },
  'unispeech-sat': { architectures: ['UniSpeechSatForCTC'], model_type: 'unispeech-sat' },
  data2vec: {
    architectures: ['Data2VecAudioForCTC'],
    model_type: 'data2vec-audio',
    feat_extract_norm: 'layer',
    do_stable_layer_norm: false,
    num_conv_pos_embeddings: 5,
    conv_pos_kernel_size: 19,
  },
  sew: {
    architectures: ['SEWForCTC'],
    model_type: 'sew',
    do_stable_layer_norm: false,
    conv_stride: [5, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1],
    conv_kernel: [10, 3, 1, 3, 1, 3, 1, 3, 1, 2, 1, 2, 1],
    squeeze_factor: 2,
  },
};
const SEW_CHANNELS = [64, 128, 128, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512];
const OF_FAMILIES = Object.entries(FAMILIES).flatMap(([family, own]) =>
  Object.entries({ tiny: TINY, base: BASE, large: LARGE }).map(([size, shape]) => {
    const channels = family === 'sew' && {
      conv_dim: SEW_CHANNELS.map((count) => (size === 'tiny' ? count / 16 : count)),
    };
    return [`${family}-${size}`, { ...shape, ...own, ...channels }];
  }),
);

/** Of MMS: wav2vec2 with an adapter in every layer. */
const MMS = { ...FAMILIES.wav2vec2, ...LIKE_LARGE, adapter_attn_dim: 16 };

/**
 * `base` has the defaults of transformers, `large` the shape of Microsoft's checkpoints, `tiny` runs at once; `deep` has the
 * steps of `large` and the widths of `tiny`, so that what a run costs the host is not hidden behind the GPU's work. All four
 * are UniSpeech; other families stand in front of the size. `mms-1b` has the shape of `facebook/mms-1b-all`.
 */
export const CONFIGS = {
  tiny: TINY,
  deep: { ...TINY, ...LIKE_LARGE },
  base: BASE,
  large: LARGE,
  ...Object.fromEntries(OF_FAMILIES),
  'mms-tiny': { ...TINY, ...MMS, num_hidden_layers: 2 },
  'mms-1b': {
    ...BASE,
    ...MMS,
    hidden_size: 1280,
    num_hidden_layers: 48,
    num_attention_heads: 16,
    intermediate_size: 5120,
    vocab_size: 154,
  },
};

export const MODEL_NAMES = Object.keys(CONFIGS);
export const isModelName = (name) => MODEL_NAMES.includes(name);
