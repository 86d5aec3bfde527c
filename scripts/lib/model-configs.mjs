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

/**
 * `base` has the defaults of transformers, `large` the shape of Microsoft's checkpoints, `tiny` runs at once; `deep` has the
 * steps of `large` and the widths of `tiny`, so that what a run costs the host is not hidden behind the GPU's work.
 */
export const CONFIGS = {
  tiny: TINY,
  deep: { ...TINY, ...LIKE_LARGE },
  base: BASE,
  large: {
    ...BASE,
    ...LIKE_LARGE,
    hidden_size: 1024,
    num_attention_heads: 16,
    intermediate_size: 4096,
  },
};

export const MODEL_SIZES = Object.keys(CONFIGS);
export const isModelSize = (name) => MODEL_SIZES.includes(name);
