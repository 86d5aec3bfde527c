/** Writes a whole model folder with seeded random weights, a slice at a time. */
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inFileOrder, layOutSafetensors } from '../../src/checkpoint/safetensors-writer.ts';
import type { CheckpointConfig } from './model-configs.mjs';
import { fillTensor } from './random-weights.mjs';
import { basePrefix, tensorList } from './tensor-list.mjs';

const SLICE_ELEMENT_COUNT = 1 << 20;

const TOKENS = ['<pad>', '<s>', '</s>', '<unk>', '|', ...Array.from("ETAONIHSRDLUMWCFGYPBVK'XJQZ")];

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

/** Of a model.safetensors. */
export interface WrittenWeights {
  readonly parameterCount: number;
  readonly byteLength: number;
}

/**
 * Writes config.json, model.safetensors (F32), vocab.json, tokenizer_config.json and preprocessor_config.json.
 * The weights come last and appear under their name only when they are whole.
 * @param folder made where it does not exist.
 */
export async function writeCheckpoint(config: CheckpointConfig, folder: string): Promise<WrittenWeights> {
  await mkdir(folder, { recursive: true });
  for (const [fileName, content] of Object.entries({ 'config.json': config, ...SMALL_FILES })) {
    await writeFile(path.join(folder, fileName), `${JSON.stringify(content, null, 2)}\n`);
  }
  const finalPath = path.join(folder, 'model.safetensors');
  const partialPath = `${finalPath}.${process.pid}.partial`;
  try {
    const written = await writeWeights(config, partialPath);
    await rename(partialPath, finalPath);
    return written;
  } catch (error) {
    await rm(partialPath, { force: true });
    throw error;
  }
}

async function writeWeights(config: CheckpointConfig, filePath: string): Promise<WrittenWeights> {
  const prefix = basePrefix(config);
  const weights = tensorList(config).map(({ name, shape, isHead }) => ({
    name: isHead ? name : `${prefix}${name}`,
    dtype: 'F32' as const,
    shape,
    seedName: name,
  }));
  const { header, tensors, byteLength } = layOutSafetensors(inFileOrder(weights), { format: 'pt' });
  const file = await open(filePath, 'w');
  try {
    await file.writeFile(header);
    const slice = new Float32Array(SLICE_ELEMENT_COUNT);
    for (const { seedName, shape, byteLength: tensorByteLength } of tensors) {
      const elementCount = tensorByteLength / 4;
      for (let offset = 0; offset < elementCount; offset += slice.length) {
        const values = slice.subarray(0, Math.min(slice.length, elementCount - offset));
        fillTensor(seedName, shape, values, offset);
        await file.writeFile(new Uint8Array(values.buffer, 0, values.byteLength));
      }
    }
    return { parameterCount: (byteLength - header.byteLength) / 4, byteLength };
  } finally {
    await file.close();
  }
}
