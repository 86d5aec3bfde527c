/** Writes small safetensors files, correct ones and broken ones. */

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Little-endian elements, row-major. */
  readonly data: ArrayBufferView;
}

export interface HeaderOverride {
  /** In place of the header that fits the tensors: text, or bytes that need not be text. */
  readonly header?: string | Uint8Array;
  /** In place of the header's true byte length. */
  readonly headerByteLength?: bigint;
}

/** The bytes of a file that holds `tensors` in this order; no padding, so that data may lie unaligned. */
export function writeSafetensors(
  tensors: readonly TensorToWrite[],
  { header, headerByteLength }: HeaderOverride = {},
): Uint8Array {
  const entries = new Map<string, unknown>();
  let end = 0;
  for (const { name, dtype, shape, data } of tensors) {
    const begin = end;
    end += data.byteLength;
    entries.set(name, { dtype, shape, data_offsets: [begin, end] });
  }
  const content = header ?? JSON.stringify(Object.fromEntries(entries));
  const headerBytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const file = new Uint8Array(8 + headerBytes.byteLength + end);
  new DataView(file.buffer).setBigUint64(0, headerByteLength ?? BigInt(headerBytes.byteLength), true);
  file.set(headerBytes, 8);
  let offset = 8 + headerBytes.byteLength;
  for (const { data } of tensors) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

/** A float32 tensor of 0, 1, 2, … */
export function rampTensor(name: string, shape: readonly number[]): TensorToWrite {
  const elementCount = shape.reduce((product, dim) => product * dim, 1);
  return { name, dtype: 'F32', shape, data: Float32Array.from({ length: elementCount }, (_, i) => i) };
}
