/** The tiny model of the repository with a tensor more that nothing reads: a checkpoint of many blocks that runs at once. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TensorToWrite, writeSafetensors } from '../../helpers/safetensors-writer.ts';
import { parseHeader } from '../../../src/checkpoint/safetensors.ts';
import { ROOT, type Page } from './site.ts';

const FOLDER = path.join(ROOT, 'examples/models/unispeech-tiny-en');
const OTHERS = ['config.json', 'preprocessor_config.json', 'tokenizer_config.json', 'vocab.json'];

/**
 * Pages of the model under a URL path.
 * @param paddingByteLength of the tensor at the file's end.
 */
export function paddedModel(folderPath: string, paddingByteLength: number): Record<string, Page> {
  const file = readFileSync(path.join(FOLDER, 'model.safetensors'));
  const tensors: TensorToWrite[] = Array.from(
    parseHeader(file, file.byteLength, 'tiny'),
    ([name, { dtype, shape, byteOffset, byteLength }]) => ({
      name,
      dtype,
      shape,
      data: file.subarray(byteOffset, byteOffset + byteLength),
    }),
  );
  const padding = Uint8Array.from({ length: paddingByteLength }, (_, i) => (i * 7 + (i >> 12)) % 251);
  tensors.push({ name: 'padding', dtype: 'U8', shape: [paddingByteLength], data: padding });
  return Object.fromEntries([
    [`${folderPath}/model.safetensors`, { body: writeSafetensors(tensors) }],
    ...OTHERS.map((name) => [`${folderPath}/${name}`, { body: readFileSync(path.join(FOLDER, name)) }]),
  ]) as Record<string, Page>;
}
