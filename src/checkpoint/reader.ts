/** The interface of a weight format: the names of its files, and how to open one of them. */
import type { ByteSource } from '../base/files.ts';
import type { StoredDtype } from './dtype.ts';

/** A file's description of one tensor. */
export interface TensorEntry {
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** Of all its elements. */
  readonly byteLength: number;
}

/** A tensor of an open file. */
export interface StoredTensor extends TensorEntry {
  /**
   * Some of the tensor's bytes: little-endian elements, row-major, however the file keeps them.
   * @param byteOffset from the tensor's first element.
   * @param into memory that may be used for the result, as in `ByteSource.read`.
   */
  readBytes(
    byteOffset: number,
    byteLength: number,
    signal: AbortSignal | undefined,
    into: ArrayBuffer,
  ): Promise<Uint8Array>;
}

/** One format of weights. */
export interface CheckpointReader {
  /** Of a model in one file. */
  readonly fileName: string;
  /** Of the index of a model in several files (`parseShardIndex`). */
  readonly indexName: string;
  /** Of other files in this format, without its dot. */
  readonly extension: string;
  /**
   * The tensors of one file by name, in the order of the file. Whatever describes them is read and checked in full.
   * @param source stays open: the tensors read from it.
   * @throws UniSpeechError `bad-checkpoint`, or what the source throws.
   */
  open(source: ByteSource, signal: AbortSignal | undefined): Promise<ReadonlyMap<string, StoredTensor>>;
}
