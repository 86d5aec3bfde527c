/** The tensors of a safetensors file in memory, for engines that take a model as plain numbers. */
import type { HostTensor } from './engine.ts';

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/**
 * Views of the file's numbers, not copies.
 * @param file content of a safetensors file as the benchmarks write it: float32, data at a multiple of 4.
 * @throws Error for anything else.
 */
export function readTensors(file: ArrayBuffer): Readonly<Record<string, HostTensor>> {
  const headerLength = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, headerLength))) as Readonly<
    Record<string, Entry>
  >;
  const tensors: Record<string, HostTensor> = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    if (dtype !== 'F32') throw new Error(`the tensor ${name} is ${dtype}, but peers get F32 only`);
    const [begin, end] = data_offsets;
    tensors[name] = {
      dims: shape,
      data: new Float32Array(file, 8 + headerLength + begin, (end - begin) / 4),
    };
  }
  return tensors;
}
