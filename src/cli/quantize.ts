/** `unispeech quantize IN OUT`: writes a model's folder with its weights in fewer bits, in the layout that the GPU reads. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UniSpeechError } from '../base/errors.ts';
import { fitNames } from '../speech/core/fit-checkpoint.ts';
import { loadConfig } from '../speech/core/load-runner.ts';
import { streamWeights, type WeightSink } from '../speech/core/load-weights.ts';
import { SliceEncoder } from '../speech/core/slice-encoder.ts';
import { QUANTIZATION, WEIGHT_FORMAT, type QuantizedDtype } from '../speech/encoder/weight-dtype.ts';
import type { WeightBuffer } from '../speech/encoder/weight-buffers.ts';
import { CONFIG_CLASSES } from '../speech/families/family-list.ts';
import { headOf } from '../speech/heads/head-list.ts';
import { loadArchitecture, modelLayout } from '../speech/heads/architecture.ts';
import { folderFiles } from '../platform/node-files.ts';
import { inFileOrder, layOutSafetensors } from '../checkpoint/safetensors-writer.ts';
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts';
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
import type { QuantizeCommand } from './usage.ts';

/**
 * Makes the folder OUT.
 * @throws UniSpeechError that says what is wrong; the signal's reason.
 */
export async function quantize(
  { input, output, dtype }: QuantizeCommand,
  signal: AbortSignal,
): Promise<number> {
  const byteLength = await makeOutputFolder(output, 'quantize', signal, (folder) =>
    writeModel(input, folder, dtype, signal),
  );
  await printSizes(input, byteLength, output, dtype);
  return 0;
}

/** Returns how many bytes of weights were read. */
async function writeModel(
  input: string,
  folder: string,
  dtype: QuantizedDtype,
  signal: AbortSignal,
): Promise<number> {
  const files = folderFiles(input, INPUT_FIX);
  const config = await loadConfig(files, CONFIG_CLASSES, signal);
  if (config.quantizedDtype !== undefined) {
    throw new UniSpeechError(
      'bad-input',
      `${input} was quantized to ${config.quantizedDtype} already.`,
      'Give the original checkpoint.',
    );
  }
  // The configuration is written anew.
  const companions = (await companionFiles(input)).filter((name) => name !== 'config.json');
  const checkpoint = await openCheckpoint(files, signal);
  try {
    const architecture = await loadArchitecture(config, headOf(checkpoint.tensors));
    const layout = modelLayout(architecture);
    const { names, unexpected } = fitNames(checkpoint, architecture, layout);
    noteLeftOut(checkpoint, unexpected);
    await using sink = await FileSink.create(path.join(folder, WEIGHTS_FILE), layout, dtype);
    await streamWeights(checkpoint, layout, names, sink, signal);
    const quantization = { quant_method: QUANTIZATION.method, version: QUANTIZATION.version, dtype };
    const json = { ...config.json, quantization_config: quantization };
    await writeFile(path.join(folder, 'config.json'), `${JSON.stringify(json, undefined, 2)}\n`);
    await copyFiles(companions, input, folder, signal);
    return weightsByteLength(checkpoint);
  } finally {
    await checkpoint.close();
  }
}

/** Writes a safetensors file of weight buffers. Its header follows from the layout, so slices may come in any order. */
class FileSink implements WeightSink, AsyncDisposable {
  readonly #file: NewFile;
  readonly #encoder: SliceEncoder;
  /** Offset of each weight in the file. */
  readonly #byteOffsets: ReadonlyMap<string, number>;

  private constructor(file: NewFile, encoder: SliceEncoder, byteOffsets: ReadonlyMap<string, number>) {
    this.#file = file;
    this.#encoder = encoder;
    this.#byteOffsets = byteOffsets;
  }

  static async create(
    filePath: string,
    layout: readonly WeightBuffer[],
    dtype: QuantizedDtype,
  ): Promise<FileSink> {
    const encoder = new SliceEncoder(WEIGHT_FORMAT[dtype]);
    const weights = layout.map((weight) => ({
      name: weight.name,
      dtype: weight.rowLength === undefined ? ('F32' as const) : ('U32' as const),
      shape: [encoder.byteLengthOf(weight) / 4],
    }));
    const metadata = { format: QUANTIZATION.method, dtype };
    const { header, tensors } = layOutSafetensors(inFileOrder(weights), metadata);
    const byteOffsets = new Map(tensors.map(({ name, byteOffset }) => [name, byteOffset]));
    return new FileSink(await NewFile.create(filePath, header), encoder, byteOffsets);
  }

  keepsFloat16(weight: WeightBuffer): boolean {
    return this.#encoder.keepsFloat16(weight);
  }

  async write(
    weight: WeightBuffer,
    elementOffset: number,
    values: Float32Array | Uint16Array,
  ): Promise<void> {
    const start = this.#byteOffsets.get(weight.name);
    if (start === undefined) throw new Error(`no place for ${weight.name}`);
    for await (const { byteOffset, content } of this.#encoder.slices(weight, elementOffset, values)) {
      const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
      await this.#file.writeAt(start + byteOffset, bytes);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}
