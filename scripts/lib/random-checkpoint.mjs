/** Writes a whole model folder with seeded random weights, a slice at a time. */
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fillTensor, tensorList } from './random-weights.mjs';

const SLICE_ELEMENT_COUNT = 1 << 20;

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

const TOKENS = ['<pad>', '<s>', '</s>', '<unk>', '|', ..."ETAONIHSRDLUMWCFGYPBVK'XJQZ"];

const SMALL_FILES = {
  'vocab.json': Object.fromEntries(TOKENS.map((token, id) => [token, id])),
  'tokenizer_config.json': {
    tokenizer_class: 'Wav2Vec2CTCTokenizer',
    pad_token: '<pad>',
    bos_token: '<s>',
    eos_token: '</s>',
    unk_token: '<unk>',
    word_delimiter_token: '|',
    do_lower_case: false,
  },
  'preprocessor_config.json': {
    feature_extractor_type: 'Wav2Vec2FeatureExtractor',
    do_normalize: true,
    feature_size: 1,
    padding_side: 'right',
    padding_value: 0,
    return_attention_mask: true,
    sampling_rate: 16_000,
  },
};

/**
 * Writes config.json, model.safetensors (F32), vocab.json, tokenizer_config.json and preprocessor_config.json.
 * The weights come last and appear under their name only when they are whole.
 * @param {import('./random-checkpoint.mjs').CheckpointConfig} config
 * @param {string} folder made where it does not exist
 * @returns {Promise<{ parameterCount: number, byteLength: number }>} of model.safetensors
 */
export async function writeCheckpoint(config, folder) {
  await mkdir(folder, { recursive: true });
  for (const [fileName, content] of Object.entries({ 'config.json': config, ...SMALL_FILES })) {
    await writeFile(path.join(folder, fileName), `${JSON.stringify(content, null, 2)}\n`);
  }
  const finalPath = path.join(folder, 'model.safetensors');
  const partialPath = `${finalPath}.${process.pid}.partial`;
  try {
    const written = await writeWeights(tensorList(config), partialPath);
    await rename(partialPath, finalPath);
    return written;
  } catch (error) {
    await rm(partialPath, { force: true });
    throw error;
  }
}

async function writeWeights(tensors, filePath) {
  const file = await open(filePath, 'w');
  try {
    const { header, parameterCount } = safetensorsHeader(tensors);
    await file.writeFile(header);
    let byteLength = header.byteLength;
    const slice = new Float32Array(SLICE_ELEMENT_COUNT);
    for (const { name, shape } of tensors) {
      const elementCount = shape.reduce((product, dim) => product * dim, 1);
      for (let offset = 0; offset < elementCount; offset += slice.length) {
        const values = slice.subarray(0, Math.min(slice.length, elementCount - offset));
        fillTensor(name, shape, values, offset);
        await file.writeFile(new Uint8Array(values.buffer, 0, values.byteLength));
        byteLength += values.byteLength;
      }
    }
    return { parameterCount, byteLength };
  } finally {
    await file.close();
  }
}

/** Length field and JSON, padded with spaces so that the data begins at a multiple of 8. */
function safetensorsHeader(tensors) {
  const entries = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const { name, shape } of tensors) {
    const begin = end;
    end += 4 * shape.reduce((product, dim) => product * dim, 1);
    const fileName = name.startsWith('lm_head.') ? name : `unispeech.${name}`;
    entries[fileName] = { dtype: 'F32', shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(entries));
  const header = Buffer.alloc(8 + Math.ceil(json.byteLength / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.byteLength - 8));
  json.copy(header, 8);
  return { header, parameterCount: end / 4 };
}
