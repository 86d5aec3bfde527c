/** Writes a whole model folder with seeded random weights, a slice at a time. */
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fillTensor, tensorList } from './random-weights.mjs';

export { CONFIGS } from './model-configs.mjs';

const SLICE_ELEMENT_COUNT = 1 << 20;

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
 * @param {import('./model-configs.mjs').CheckpointConfig} config
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
