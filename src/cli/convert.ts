/** `unispeech convert IN OUT`: writes a model's folder with its weights as safetensors, whatever they were. */
import path from 'node:path';
import { encodeRows, LARGEST_FLOAT16 } from '../../kernels/encode-weights.ts';
import { UniSpeechError } from '../base/errors.ts';
import { readJsonFile } from '../base/json-file.ts';
import { type OpenCheckpoint, type OpenTensor, SLICE_BYTE_LENGTH } from '../checkpoint/checkpoint.ts';
import { isWeightDtype, type StoredDtype } from '../checkpoint/dtype.ts';
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts';
import { inFileOrder, layOutSafetensors } from '../checkpoint/safetensors-writer.ts';
import { folderFiles } from '../platform/node-files.ts';
import { NewFile } from './new-file.ts';
import {
  companionFiles,
  copyFiles,
  INPUT_FIX,
  makeOutputFolder,
  noteLeftOut,
  printSizes,
  weightsByteLength,
  WEIGHTS_FILE,
} from './output-folder.ts';
import type { ConvertCommand } from './usage.ts';

/** What files call the dtypes of this command. */
const FILE_DTYPES = { fp32: 'F32', fp16: 'F16' } as const;

/**
 * Makes the folder OUT.
 * @throws UniSpeechError that says what is wrong; the signal's reason.
 */
export async function convert(
  { input, output, dtype }: ConvertCommand,
  signal: AbortSignal,
): Promise<number> {
  const byteLength = await makeOutputFolder(output, 'convert', signal, async (folder) => {
    const files = folderFiles(input, INPUT_FIX);
    const config = await readJsonFile(files, 'config.json', signal);
    if (config?.object('quantization_config') !== undefined) {
      throw new UniSpeechError(
        'bad-input',
        `${input} was quantized already.`,
        'Give the original checkpoint.',
      );
    }
    const companions = await companionFiles(input);
    const checkpoint = await openCheckpoint(files, signal);
    try {
      noteLeftOut(checkpoint, checkpoint.unlisted);
      await writeWeights(checkpoint, path.join(folder, WEIGHTS_FILE), dtype && FILE_DTYPES[dtype], signal);
      await copyFiles(companions, input, folder, signal);
      return weightsByteLength(checkpoint);
    } finally {
      await checkpoint.close();
    }
  });
  await printSizes(input, byteLength, output, dtype ?? '');
  return 0;
}

/** @param dtype of all numbers that are weights; each keeps its own when left out. */
async function writeWeights(
  checkpoint: OpenCheckpoint,
  file: string,
  dtype: 'F32' | 'F16' | undefined,
  signal: AbortSignal,
): Promise<void> {
  const dtypeOf = (tensor: OpenTensor): StoredDtype =>
    isWeightDtype(tensor.dtype) && dtype ? dtype : tensor.dtype;
  const wanted = Array.from(checkpoint.tensors, ([name, tensor]) => ({
    name,
    dtype: dtypeOf(tensor),
    shape: tensor.shape,
  }));
  const { header, tensors } = layOutSafetensors(inFileOrder(wanted), { format: 'pt' });
  const placeOf = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  await using output = await NewFile.create(file, header);
  // In the order in which they lie in the input.
  for (const [name, tensor] of checkpoint.tensors) {
    const place = placeOf.get(name);
    if (!place) throw new Error(`no place for ${name}`);
    const slices =
      place.dtype === tensor.dtype
        ? rawSlices(tensor, signal)
        : encodedSlices(checkpoint, name, place.dtype, signal);
    let { byteOffset } = place;
    for await (const bytes of slices) {
      await output.writeAt(byteOffset, bytes);
      byteOffset += bytes.byteLength;
    }
  }
}

/** The bytes as they are. */
async function* rawSlices(
  { byteLength, ...tensor }: OpenTensor,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const memory = new ArrayBuffer(Math.min(byteLength, SLICE_BYTE_LENGTH));
  for (let offset = 0; offset < byteLength; offset += SLICE_BYTE_LENGTH) {
    yield tensor.readBytes(offset, Math.min(SLICE_BYTE_LENGTH, byteLength - offset), signal, memory);
  }
}

async function* encodedSlices(
  checkpoint: OpenCheckpoint,
  name: string,
  dtype: StoredDtype,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const isDouble = checkpoint.tensors.get(name)?.dtype === 'F64';
  for await (const { values } of checkpoint.read(name, { signal })) {
    if (dtype === 'F32') {
      if (isDouble && (values.includes(Infinity) || values.includes(-Infinity))) {
        throw new UniSpeechError(
          'bad-input',
          `The tensor ${name} holds a number beyond float32, which ends at 3.4e38.`,
          'Leave --dtype out: every tensor keeps its own.',
        );
      }
      yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      continue;
    }
    // The encoder is made for weights on the GPU, and clamps what float16 cannot hold. A file must not change in silence.
    const tooLarge = values.find((value) => Math.abs(value) > LARGEST_FLOAT16);
    if (tooLarge !== undefined) {
      throw new UniSpeechError(
        'bad-input',
        `The tensor ${name} holds ${tooLarge}, but float16 ends at ${LARGEST_FLOAT16}.`,
        'Choose --dtype fp32, or leave --dtype out.',
      );
    }
    // Rows are encoded by fours.
    const padded = new Float32Array(Math.ceil(values.length / 4) * 4);
    padded.set(values);
    const { words } = encodeRows('f16', padded, padded.length);
    yield new Uint8Array(words.buffer, words.byteOffset, 2 * values.length);
  }
}
