/** `unispeech quantize IN OUT`: writes a model's folder with its weights in fewer bits, in the layout that the GPU reads. */
import {
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import path from 'node:path';
import { isRecord, messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { fitNames } from '../speech/core/fit-checkpoint.ts';
import { loadConfig } from '../speech/core/load-runner.ts';
import { streamWeights, type WeightSink } from '../speech/core/load-weights.ts';
import { SliceEncoder } from '../speech/core/slice-encoder.ts';
import { QUANTIZATION, WEIGHT_FORMAT, type QuantizedDtype } from '../speech/encoder/weight-dtype.ts';
import type { WeightBuffer } from '../speech/encoder/weight-buffers.ts';
import { CONFIG_CLASSES } from '../speech/families/family-list.ts';
import { headOf } from '../speech/heads/head-list.ts';
import { modelLayout } from '../speech/heads/head.ts';
import { folderFiles } from '../platform/node-files.ts';
import { listNames } from '../checkpoint/names.ts';
import { inFileOrder, layOutSafetensors } from '../checkpoint/safetensors-writer.ts';
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts';
import { oneLine, printable } from './printable.ts';
import { formatTable } from './table.ts';
import type { QuantizeCommand } from './usage.ts';

const WEIGHTS_FILE = 'model.safetensors';
/** Files that are not copied: other weight files, and the configuration, which is written anew. */
const isReplaced = (fileName: string): boolean =>
  /\.(safetensors|bin|pt|pth|h5|msgpack|onnx|gguf)(\.index\.json)?$/.test(fileName) ||
  fileName === 'config.json';

/**
 * Writes a temporary folder beside OUT and renames it, so that OUT is complete or does not exist.
 * @throws UniSpeechError that says what is wrong; the signal's reason.
 */
export async function quantize(
  { input, output, dtype }: QuantizeCommand,
  signal: AbortSignal,
): Promise<number> {
  // A link to an empty folder stands for that folder, because a folder cannot be renamed to a link.
  const out = await realpath(output).catch(() => path.resolve(output));
  await checkOutput(out);
  const partial = `${out}.${process.pid}.partial`;
  let firstMade: string | undefined;
  let isBegun = false;
  let isDone = false;
  try {
    firstMade = await mkdir(path.dirname(out), { recursive: true });
    await mkdir(partial);
    isBegun = true;
    const weightsByteLength = await writeModel(input, partial, dtype, signal);
    signal.throwIfAborted();
    await rmdir(out).catch(() => undefined);
    await rename(partial, out);
    isDone = true;
    const { size } = await stat(path.join(out, WEIGHTS_FILE));
    const megabytes = (byteLength: number): string => `${(byteLength / 1e6).toFixed(1)} MB`;
    process.stdout.write(
      `${formatTable([
        ['from', printable(input), megabytes(weightsByteLength)],
        ['to', printable(output), megabytes(size), dtype],
      ])}\n`,
    );
    return 0;
  } catch (error) {
    signal.throwIfAborted();
    throw explainFailure(error, output);
  } finally {
    if (isBegun) await rm(partial, { recursive: true, force: true });
    if (!isDone && firstMade !== undefined) await removeEmpty(path.dirname(out), firstMade);
  }
}

/** Adds the path to errors of the file system, such as a full disk, which do not name it. */
function explainFailure(error: unknown, output: string): unknown {
  if (!isRecord(error) || typeof error.syscall !== 'string') return error;
  return new UniSpeechError(
    'bad-input',
    `${output} cannot be written: ${messageOf(error)}.`,
    'Make room, or choose another place; nothing was left there.',
    { cause: error },
  );
}

/** Removes the empty folders from `folder` up to `last`. */
async function removeEmpty(folder: string, last: string): Promise<void> {
  for (let each = folder; each.length >= last.length; each = path.dirname(each)) {
    try {
      await rmdir(each);
    } catch {
      return;
    }
  }
}

/**
 * The files beside the weights. Links are followed, because a snapshot in the Hugging Face cache consists of links.
 * @throws UniSpeechError `bad-input` for a broken link.
 */
async function filesToCopy(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (isReplaced(entry.name)) continue;
    if (entry.isFile()) names.push(entry.name);
    if (!entry.isSymbolicLink()) continue;
    const link = path.join(folder, entry.name);
    const target = await stat(link).catch(() => undefined);
    if (target === undefined) {
      throw new UniSpeechError(
        'bad-input',
        `${link} is a link to ${await readlink(link)}, and there is nothing.`,
        'Fetch the model again, or remove the link.',
      );
    }
    if (target.isFile()) names.push(entry.name);
  }
  return names;
}

/** @throws UniSpeechError if OUT exists and is not an empty folder. */
async function checkOutput(out: string): Promise<void> {
  const found = await lstat(out).catch(() => undefined);
  if (found === undefined) return;
  if (found.isDirectory() && (await readdir(out)).length === 0) return;
  throw new UniSpeechError(
    'bad-input',
    `${out} exists already, and quantize never writes over anything.`,
    'Give a folder that does not exist yet.',
  );
}

/** Returns how many bytes of weights were read. */
async function writeModel(
  input: string,
  folder: string,
  dtype: QuantizedDtype,
  signal: AbortSignal,
): Promise<number> {
  const files = folderFiles(input);
  const config = await loadConfig(files, CONFIG_CLASSES, signal);
  if (config.quantizedDtype !== undefined) {
    throw new UniSpeechError(
      'bad-input',
      `${input} was quantized to ${config.quantizedDtype} already.`,
      'Give the original checkpoint.',
    );
  }
  const companions = await filesToCopy(input);
  const checkpoint = await openCheckpoint(files, signal);
  try {
    const head = headOf(checkpoint.tensors);
    const layout = modelLayout(config, head);
    const { names, unexpected } = fitNames(checkpoint, config, head, layout);
    if (checkpoint.warning !== undefined) process.stderr.write(`${oneLine(checkpoint.warning)}\n`);
    if (unexpected.length > 0) process.stderr.write(`${oneLine(`Left out: ${listNames(unexpected)}`)}\n`);
    await using sink = await FileSink.create(path.join(folder, WEIGHTS_FILE), layout, dtype);
    await streamWeights(checkpoint, layout, names, sink, signal);
    const quantization = { quant_method: QUANTIZATION.method, version: QUANTIZATION.version, dtype };
    const json = { ...config.json, quantization_config: quantization };
    await writeFile(path.join(folder, 'config.json'), `${JSON.stringify(json, undefined, 2)}\n`);
    for (const name of companions) {
      signal.throwIfAborted();
      await copyFile(path.join(input, name), path.join(folder, name));
    }
    return [...checkpoint.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  } finally {
    await checkpoint.close();
  }
}

/** Writes a safetensors file of weight buffers. Its header follows from the layout, so slices may come in any order. */
class FileSink implements WeightSink, AsyncDisposable {
  readonly #file: FileHandle;
  readonly #encoder: SliceEncoder;
  /** Offset of each weight in the file. */
  readonly #byteOffsets: ReadonlyMap<string, number>;

  private constructor(file: FileHandle, encoder: SliceEncoder, byteOffsets: ReadonlyMap<string, number>) {
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
    const sink = new FileSink(await open(filePath, 'wx'), encoder, byteOffsets);
    try {
      await sink.#writeAt(0, header);
      return sink;
    } catch (error) {
      await sink[Symbol.asyncDispose]();
      throw error;
    }
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
    for (const { byteOffset, content } of this.#encoder.slices(weight, elementOffset, values)) {
      const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
      await this.#writeAt(start + byteOffset, bytes);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  /** Writes all bytes, because a single write may take fewer. */
  async #writeAt(byteOffset: number, bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.byteLength;) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        written,
        bytes.byteLength - written,
        byteOffset + written,
      );
      written += bytesWritten;
    }
  }
}
