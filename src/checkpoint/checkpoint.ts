/**
 * Opens the weights of a model, one file or several shards, and reads tensors in slices: neither a file
 * nor a tensor is ever whole in the JS heap.
 */
import { UniSpeechError, describeValue, rejectUnknownOptions } from '../base/errors.ts';
import type { ByteSource, ModelFiles } from '../base/files.ts';
import { STAND_IN_BYTE_LENGTH, standInOfBinary } from '../base/stand-in.ts';
import { BufferPool } from './buffer-pool.ts';
import { WEIGHT_DTYPES, elementByteLength, isWeightDtype, toFloat32 } from './dtype.ts';
import {
  LENGTH_FIELD_BYTE_LENGTH,
  type TensorEntry,
  headerByteLength,
  parseHeader,
  quote,
} from './safetensors.ts';
import { INDEX_FILE, parseShardIndex } from './shard-index.ts';
import { unwrapNames } from './wrapped-names.ts';

const SINGLE_FILE = 'model.safetensors';
const TORCH_FILES = ['pytorch_model.bin', 'pytorch_model.bin.index.json'];
const DEFAULT_SLICE_BYTE_LENGTH = 4 * 1024 * 1024;

/** A tensor and the file that holds it (shown in errors). */
export interface CheckpointTensor extends TensorEntry {
  readonly file: string;
}

/** Consecutive elements of one tensor, row-major. */
export interface TensorSlice {
  /** Of the first value, in the flattened tensor. */
  readonly elementOffset: number;
  /** Valid until the next slice is asked for or the loop ends: its memory is used again. */
  readonly values: Float32Array;
}

export interface TensorReadOptions {
  /** The most bytes of the file that one slice covers; 4 MiB when left out. */
  readonly sliceByteLength?: number;
  /**
   * Every slice but the last holds a multiple of this many elements (a row, say); 1 when left out.
   * A row larger than `sliceByteLength` is read whole.
   */
  readonly alignElements?: number;
  readonly signal?: AbortSignal;
}

/** An open checkpoint. It holds files open until `close()`. */
export interface Checkpoint {
  /** Shown in errors: the file, or the index of the shards. */
  readonly name: string;
  /** By name, in the order of the files: reading in this order needs no seeks, so that a plain download can serve it. */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  /** Tensors that a shard holds and the index does not list. */
  readonly unlisted: readonly string[];
  /** Says so where wrappers of training were left out of the names (`unwrapNames`). */
  readonly warning: string | undefined;
  /**
   * The values of one tensor, slice by slice, as float32; of U32 the float32 of the same bits. A tensor without elements gives no slice.
   * @throws UniSpeechError `not-found`, `bad-checkpoint` (a dtype without a conversion), `disposed`, or what the source throws.
   */
  read(name: string, options?: TensorReadOptions): AsyncIterable<TensorSlice>;
  /**
   * A whole tensor in memory of the caller's own: for small ones. Throws as `read` does.
   * @param into as many elements as the tensor has, to read into instead of new memory.
   */
  readWhole(name: string, signal?: AbortSignal, into?: Float32Array): Promise<Float32Array>;
  /** Reads the rest of files that are kept or checked as a whole (`ByteSource.finish`); to be called after the tensors. */
  finish(signal?: AbortSignal): Promise<void>;
  /** Closes the files. May be called again. */
  close(): Promise<void>;
}

/**
 * Opens `model.safetensors`, or the shards of `model.safetensors.index.json`, and checks their headers in full.
 * On any failure nothing stays open.
 * @throws UniSpeechError `not-found`, `bad-checkpoint`, `unsupported` (only PyTorch files), or what the source throws.
 */
export async function openCheckpoint(files: ModelFiles, signal?: AbortSignal): Promise<Checkpoint> {
  const sources: Sources = new Map();
  try {
    return await openSafetensors(files, sources, signal);
  } catch (error) {
    await closeAll(sources);
    throw error;
  }
}

/** The open files by name. */
type Sources = Map<string, ByteSource>;

/** Adds every source that it opens to `sources`. */
async function openSafetensors(
  files: ModelFiles,
  sources: Sources,
  signal: AbortSignal | undefined,
): Promise<Checkpoint> {
  const open = async (fileName: string): Promise<ByteSource | undefined> => {
    const source = await files.open(fileName, signal);
    if (source) sources.set(source.name, source);
    return source;
  };
  const single = await open(SINGLE_FILE);
  if (single) return new SafetensorsCheckpoint(single.name, await readTensors(single, signal), [], sources);
  const indexText = await files.readText(INDEX_FILE, signal);
  if (indexText === undefined) throw await explainMissing(files, signal);

  const indexName = `${files.location}: ${INDEX_FILE}`;
  const index = parseShardIndex(indexText, indexName);
  const tensors = new Map<string, CheckpointTensor>();
  const unlisted: string[] = [];
  for (const [shardName, listed] of index) {
    const shard = await open(shardName);
    if (!shard) {
      throw new UniSpeechError(
        'bad-checkpoint',
        `${indexName} names the shard ${describeValue(shardName)}, but there is no such file.`,
        'Fetch every shard of the model.',
      );
    }
    const inShard = await readTensors(shard, signal);
    for (const [name, tensor] of inShard) {
      if (listed.has(name)) tensors.set(name, tensor);
      else unlisted.push(name);
    }
    const missing = [...listed].find((name) => !inShard.has(name));
    if (missing !== undefined) {
      throw new UniSpeechError(
        'bad-checkpoint',
        `${indexName} places the tensor ${quote(missing)} in ${shard.name}, but that file does not hold it.`,
        'The index and its shards belong to different models: fetch all of them again.',
      );
    }
  }
  return new SafetensorsCheckpoint(indexName, tensors, unlisted, sources);
}

async function readTensors(
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, CheckpointTensor>> {
  const { name, byteLength } = source;
  const start = await source.read(0, Math.min(LENGTH_FIELD_BYTE_LENGTH, byteLength), signal);
  let jsonByteLength: number;
  try {
    jsonByteLength = headerByteLength(start, byteLength, name);
  } catch (error) {
    const restByteLength = Math.min(STAND_IN_BYTE_LENGTH, byteLength) - start.byteLength;
    const rest = await source.read(start.byteLength, restByteLength, signal);
    const standIn = standInOfBinary(Uint8Array.of(...start, ...rest));
    if (byteLength === 0 || standIn === undefined) throw error;
    throw new UniSpeechError('bad-checkpoint', `${name} is ${standIn.what}.`, standIn.fix, { cause: error });
  }
  const header = new Uint8Array(LENGTH_FIELD_BYTE_LENGTH + jsonByteLength);
  header.set(start);
  header.set(await source.read(start.byteLength, jsonByteLength, signal), start.byteLength);
  const entries = parseHeader(header, byteLength, name);
  return new Map(Array.from(entries, ([tensorName, entry]) => [tensorName, { ...entry, file: name }]));
}

/** What to say when there is no safetensors file. */
async function explainMissing(files: ModelFiles, signal: AbortSignal | undefined): Promise<UniSpeechError> {
  for (const fileName of TORCH_FILES) {
    const source = await files.open(fileName, signal);
    if (!source) continue;
    await source.close();
    return new UniSpeechError(
      'unsupported',
      `${files.location} holds its weights only as ${fileName}, which this engine does not read.`,
      `Convert it once in Python: transformers.UniSpeechForCTC.from_pretrained(folder).save_pretrained(folder) writes ${SINGLE_FILE}.`,
    );
  }
  return new UniSpeechError(
    'not-found',
    `${files.location} holds no weights: looked for ${SINGLE_FILE} and ${INDEX_FILE}.`,
    files.missingFix ?? 'Give the folder or base URL of a model in the Hugging Face layout.',
  );
}

class SafetensorsCheckpoint implements Checkpoint {
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  readonly warning: string | undefined;
  readonly #sources: Sources;
  readonly #memory = new BufferPool();
  #closed = false;

  constructor(
    readonly name: string,
    tensors: ReadonlyMap<string, CheckpointTensor>,
    readonly unlisted: readonly string[],
    sources: Sources,
  ) {
    ({ tensors: this.tensors, warning: this.warning } = unwrapNames(tensors, name));
    this.#sources = sources;
  }

  async *read(name: string, options: TensorReadOptions = {}): AsyncGenerator<TensorSlice, void> {
    rejectUnknownOptions(options, ['sliceByteLength', 'alignElements', 'signal'], 'Checkpoint.read');
    const { sliceByteLength = DEFAULT_SLICE_BYTE_LENGTH, alignElements = 1, signal } = options;
    const tensor = this.tensors.get(name);
    const source = this.#sources.get(tensor?.file ?? '');
    if (!tensor || !source)
      throw new UniSpeechError('not-found', `${this.name} holds no tensor ${quote(name)}.`);
    const { dtype, file, byteOffset, byteLength } = tensor;
    if (!isWeightDtype(dtype) && dtype !== 'U32') {
      throw new UniSpeechError(
        'bad-checkpoint',
        `${file}: tensor ${quote(name)} has dtype ${dtype}, expected ${WEIGHT_DTYPES.join(', ')}.`,
        'Save the model in one of these dtypes.',
      );
    }
    const elementBytes = elementByteLength(dtype);
    const rowByteLength = alignElements * elementBytes;
    const step = Math.max(1, Math.floor(sliceByteLength / rowByteLength)) * rowByteLength;
    const bytesBuffer = this.#memory.take(Math.min(step, byteLength));
    const valuesBuffer =
      dtype === 'F32' || dtype === 'U32'
        ? undefined
        : this.#memory.take((bytesBuffer.byteLength / elementBytes) * 4);
    try {
      for (let offset = 0; offset < byteLength; offset += step) {
        if (this.#closed) throw new UniSpeechError('disposed', `${this.name} is closed.`);
        const length = Math.min(step, byteLength - offset);
        const bytes = await source.read(byteOffset + offset, length, signal, bytesBuffer);
        const values = toFloat32(bytes, dtype, valuesBuffer);
        yield { elementOffset: offset / elementBytes, values };
      }
    } finally {
      this.#memory.give(bytesBuffer);
      if (valuesBuffer) this.#memory.give(valuesBuffer);
    }
  }

  async readWhole(name: string, signal?: AbortSignal, into?: Float32Array): Promise<Float32Array> {
    const shape = this.tensors.get(name)?.shape ?? [];
    const whole = into ?? new Float32Array(shape.reduce((product, dim) => product * dim, 1));
    for await (const { elementOffset, values } of this.read(name, signal && { signal })) {
      whole.set(values, elementOffset);
    }
    return whole;
  }

  async finish(signal?: AbortSignal): Promise<void> {
    for (const source of this.#sources.values()) await source.finish?.(signal);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await closeAll(this.#sources);
  }
}

/** A file that fails to close must not keep the others open, nor hide the error that led here. */
async function closeAll(sources: Sources): Promise<void> {
  await Promise.allSettled(Array.from(sources.values(), (source) => source.close()));
}
