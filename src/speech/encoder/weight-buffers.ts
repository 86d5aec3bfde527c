/**
 * Weight buffers on the GPU: their tensors in the checkpoint, and their layout. Channels are rounded up
 * to multiples of 4 with zeros, so that every kernel may read vec4s. For the usual sizes that changes nothing, and
 * tensors are streamed from the file to the GPU unchanged.
 */
import { ceil4 } from '../../gpu/kernel.ts';
import { matrixLayout, type WeightFormat } from '../../../kernels/weight-format.ts';
import type { ExpectedTensor } from '../../checkpoint/names.ts';

export interface WeightBuffer {
  readonly name: string;
  readonly elementCount: number;
  readonly sources: readonly ExpectedTensor[];
  /** Weights of a row, where this is the matrix of a product and so may be kept in fewer bits; a multiple of 4. */
  readonly rowLength?: number;
  /**
   * Makes the buffer from its whole sources, in memory of `elementCount` zeros. Without it the sources lie one after another, unchanged, and never need
   * to be whole in memory.
   */
  readonly pack?: (sources: readonly Float32Array[], packed: Float32Array) => void;
}

const product = (dims: readonly number[]): number => dims.reduce((total, dim) => total * dim, 1);

export function plain(name: string, sources: readonly ExpectedTensor[]): WeightBuffer {
  return { name, sources, elementCount: sources.reduce((sum, { shape }) => sum + product(shape), 0) };
}

/** Each element of each source goes where `place` says; the rest is zero. */
function remapped(
  name: string,
  sources: readonly ExpectedTensor[],
  elementCount: number,
  place: (index: number, source: number) => number,
): WeightBuffer {
  return {
    name,
    sources,
    elementCount,
    pack(values, packed) {
      values.forEach((elements, source) => {
        for (let i = 0; i < elements.length; i++) packed[place(i, source)] = elements[i] ?? 0;
      });
    },
  };
}

/** As `remapped` where `place` keeps the order and only leaves room for padding: without any, nothing moves. */
export function padded(...layout: Parameters<typeof remapped>): WeightBuffer {
  const [name, sources, elementCount] = layout;
  const asItIs = plain(name, sources);
  return asItIs.elementCount === elementCount ? asItIs : remapped(...layout);
}

/** Where an element goes when rows of `length` become rows of `stride`. */
export const spread = (index: number, length: number, stride: number): number =>
  Math.floor(index / length) * stride + (index % length);

/** A vector, padded with zeros. */
export const vector = (name: string, length: number): WeightBuffer =>
  padded(name, [{ name, shape: [length] }], ceil4(length), (i) => i);

export const matrix = (rowLength: number, weight: WeightBuffer): WeightBuffer => ({ ...weight, rowLength });

/** A linear layer [rows, columns] with both rounded up to multiples of 4: `name.weight`, `name.bias`. */
export function linear(name: string, rows: number, columns: number): readonly WeightBuffer[] {
  const weight = { name: `${name}.weight`, shape: [rows, columns] };
  const rowLength = ceil4(columns);
  return [
    matrix(
      rowLength,
      padded(weight.name, [weight], ceil4(rows) * rowLength, (i) => spread(i, columns, rowLength)),
    ),
    vector(`${name}.bias`, rows),
  ];
}

/** Where an element of a convolution [out][in][k] goes in [out][k][in]. */
export function convPlace(index: number, inChannels: number, kernel: number): number {
  const out = Math.floor(index / (inChannels * kernel));
  const channel = Math.floor(index / kernel) % inChannels;
  return (out * kernel + (index % kernel)) * ceil4(inChannels) + channel;
}

/** A convolution [out, in, k] → [out][k][in], which a GEMM reads against rows of [time, channel]. */
export function conv(
  name: string,
  outChannels: number,
  inChannels: number,
  kernel: number,
  rowCount = ceil4(outChannels),
): WeightBuffer {
  const rowLength = kernel * ceil4(inChannels);
  const weight = { name: `${name}.weight`, shape: [outChannels, inChannels, kernel] };
  return matrix(
    rowLength,
    remapped(weight.name, [weight], rowCount * rowLength, (i) => convPlace(i, inChannels, kernel)),
  );
}

/**
 * A convolution over frames: `name.weight`, `name.bias`. Its rows are not rounded up, because those of its groups follow each other.
 * @param inChannels of a group.
 */
export const frameConv = (
  name: string,
  outChannels: number,
  inChannels: number,
  kernel: number,
): readonly WeightBuffer[] => [
  conv(name, outChannels, inChannels, kernel, outChannels),
  vector(`${name}.bias`, outChannels),
];

/** Norm parameters. */
export const norm = (name: string, channels: number): readonly WeightBuffer[] => [
  vector(`${name}.weight`, channels),
  vector(`${name}.bias`, channels),
];

/** The weights of a file that `unispeech quantize` wrote: every buffer as it lies on the GPU, matrices as words. */
export function quantizedLayout(
  layout: readonly WeightBuffer[],
  format: WeightFormat,
): readonly WeightBuffer[] {
  return layout.map(({ name, elementCount, rowLength }) => {
    if (rowLength === undefined) return plain(name, [{ name, shape: [elementCount] }]);
    const { byteLength } = matrixLayout(format, { rows: elementCount / rowLength, rowLength });
    return plain(name, [{ name, shape: [byteLength / 4], dtype: 'U32' }]);
  });
}
