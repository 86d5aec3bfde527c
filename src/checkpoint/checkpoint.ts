/** An open checkpoint. Its tensors are read in slices, so that no file or tensor is ever completely in the JS heap. */
import { UniSpeechError, rejectUnknownOptions } from '../base/errors.ts';
import type { ByteSource } from '../base/files.ts';
import { BufferPool } from './buffer-pool.ts';
import { WEIGHT_DTYPES, elementByteLength, float16Patterns, isWeightDtype, toFloat32 } from './dtype.ts';
import type { StoredTensor, TensorEntry } from './reader.ts';
import { quote } from './safetensors.ts';
import { unwrapNames } from './wrapped-names.ts';

/** The most bytes of a file that one slice covers; a load holds a few of them at once. */
export const SLICE_BYTE_LENGTH = 4 * 2 ** 20;

/** A tensor and the file that holds it (shown in errors). */
export interface CheckpointTensor extends TensorEntry {
  readonly file: string;
}

/** Consecutive elements of one tensor, row-major. */
export interface TensorSlice<Values = Float32Array> {
  /** Of the first value, in the flattened tensor. */
  readonly elementOffset: number;
  /** Valid until the next slice is asked for or the loop ends: its memory is used again. */
  readonly values: Values;
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
  /** As `read`; where `keepFloat16` is true, the elements of an F16 tensor come as their bit patterns. */
  read(
    name: string,
    options: TensorReadOptions & { readonly keepFloat16: boolean },
  ): AsyncIterable<TensorSlice<Float32Array | Uint16Array>>;
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

/** A tensor that can be read. */
export type OpenTensor = CheckpointTensor & StoredTensor;

export class OpenCheckpoint implements Checkpoint {
  readonly tensors: ReadonlyMap<string, OpenTensor>;
  readonly warning: string | undefined;
  readonly #sources: readonly ByteSource[];
  readonly #memory = new BufferPool();
  #isClosed = false;

  /** @param sources to be finished and closed with it. */
  constructor(
    readonly name: string,
    tensors: ReadonlyMap<string, OpenTensor>,
    readonly unlisted: readonly string[],
    sources: readonly ByteSource[],
  ) {
    ({ tensors: this.tensors, warning: this.warning } = unwrapNames(tensors, name));
    this.#sources = sources;
  }

  read(name: string, options?: TensorReadOptions): AsyncGenerator<TensorSlice, void>;
  read(
    name: string,
    options: TensorReadOptions & { readonly keepFloat16: boolean },
  ): AsyncGenerator<TensorSlice<Float32Array | Uint16Array>, void>;
  async *read(
    name: string,
    options: TensorReadOptions & { readonly keepFloat16?: boolean } = {},
  ): AsyncGenerator<TensorSlice<Float32Array | Uint16Array>, void> {
    rejectUnknownOptions(
      options,
      ['sliceByteLength', 'alignElements', 'signal', 'keepFloat16'],
      'Checkpoint.read',
    );
    const { sliceByteLength = SLICE_BYTE_LENGTH, alignElements = 1, signal, keepFloat16 } = options;
    const tensor = this.tensors.get(name);
    if (!tensor) throw new UniSpeechError('not-found', `${this.name} holds no tensor ${quote(name)}.`);
    const { dtype, file, byteLength } = tensor;
    if (!isWeightDtype(dtype) && dtype !== 'U32') {
      throw new UniSpeechError(
        'bad-checkpoint',
        `${file}: tensor ${quote(name)} has dtype ${dtype}, expected ${WEIGHT_DTYPES.join(', ')}.`,
        'Save the model in one of these dtypes.',
      );
    }
    const isKept = keepFloat16 === true && dtype === 'F16';
    const elementBytes = elementByteLength(dtype);
    const rowByteLength = alignElements * elementBytes;
    const step = Math.max(1, Math.floor(sliceByteLength / rowByteLength)) * rowByteLength;
    const bytesBuffer = this.#memory.take(Math.min(step, byteLength));
    const valuesBuffer =
      elementBytes === 4 || isKept
        ? undefined
        : this.#memory.take((bytesBuffer.byteLength / elementBytes) * 4);
    try {
      for (let offset = 0; offset < byteLength; offset += step) {
        if (this.#isClosed) throw new UniSpeechError('disposed', `${this.name} is closed.`);
        const length = Math.min(step, byteLength - offset);
        const bytes = await tensor.readBytes(offset, length, signal, bytesBuffer);
        const values = isKept ? float16Patterns(bytes) : toFloat32(bytes, dtype, valuesBuffer);
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
    for (const source of this.#sources) await source.finish?.(signal);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await closeAll(this.#sources);
  }
}

/** A file that fails to close must not keep the others open, nor hide the error that led here. */
export async function closeAll(sources: readonly ByteSource[]): Promise<void> {
  await Promise.allSettled(Array.from(sources, (source) => source.close()));
}
