/** Writes small safetensors files, correct ones and broken ones. */
import { joinBytes, viewOf } from '../../src/base/bytes.ts';
import { layOutSafetensors, type TensorToStore } from '../../src/checkpoint/safetensors-writer.ts';

export interface TensorToWrite extends TensorToStore {
  /** Little-endian elements, row-major. */
  readonly data: ArrayBufferView;
}

export interface HeaderOverride {
  /** In place of the header that fits the tensors: text, or bytes that need not be text. */
  readonly header?: string | Uint8Array;
  /** In place of the header's true byte length. */
  readonly headerByteLength?: bigint;
}

/** The bytes of a file that holds `tensors` in this order, so that data may lie unaligned. */
export function writeSafetensors(
  tensors: readonly TensorToWrite[],
  { header, headerByteLength }: HeaderOverride = {},
): Uint8Array {
  const start = header === undefined ? layOutSafetensors(tensors).header : withLength(header);
  if (headerByteLength !== undefined) viewOf(start).setBigUint64(0, headerByteLength, true);
  const parts = tensors.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return joinBytes([start, ...parts]);
}

/** A header as it is, right or wrong, after its length. */
function withLength(header: string | Uint8Array): Uint8Array {
  const content = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const length = new Uint8Array(8);
  viewOf(length).setBigUint64(0, BigInt(content.byteLength), true);
  return joinBytes([length, content]);
}

/** A float32 tensor of 0, 1, 2, … */
export function rampTensor(name: string, shape: readonly number[]): TensorToWrite {
  const elementCount = shape.reduce((product, dim) => product * dim, 1);
  return { name, dtype: 'F32', shape, data: Float32Array.from({ length: elementCount }, (_, i) => i) };
}
