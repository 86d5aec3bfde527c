/** Where the tensors of a safetensors file lie, and the header that says so. Whoever writes the file brings the data. */
import { UniSpeechError } from '../base/errors.ts';
import { type StoredDtype, elementBitLength, storageRank } from './dtype.ts';
import { LENGTH_FIELD_BYTE_LENGTH } from './safetensors.ts';

const METADATA_NAME = '__metadata__';

export interface TensorToStore {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
}

/** A tensor with its place. */
export type PlacedTensor<T> = T & {
  /** From the start of the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
};

export interface SafetensorsLayout<T> {
  /** The first bytes of the file. */
  readonly header: Uint8Array<ArrayBuffer>;
  /** In the order of their bytes, which fill the rest of the file without holes. */
  readonly tensors: readonly PlacedTensor<T>[];
  /** Of the whole file. */
  readonly byteLength: number;
}

/** The order of the reference: wide elements first, so that each tensor lies at a multiple of its elements' size, then by name. */
export const inFileOrder = <T extends TensorToStore>(tensors: readonly T[]): readonly T[] =>
  [...tensors].sort(
    (a, b) => storageRank(b.dtype) - storageRank(a.dtype) || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );

/**
 * Lays out a file of these tensors one after another. The header is padded with spaces, so that the data begins at a multiple of 8.
 * @param tensors in the order of the file; `inFileOrder` aligns them all.
 * @param metadata for `__metadata__`, such as `{ format: 'pt' }`.
 * @throws UniSpeechError `bad-input` for a tensor of that name.
 */
export function layOutSafetensors<T extends TensorToStore>(
  tensors: readonly T[],
  metadata?: Readonly<Record<string, string>>,
): SafetensorsLayout<T> {
  const entries: [string, unknown][] = metadata ? [[METADATA_NAME, metadata]] : [];
  const places: (readonly [T, begin: number, end: number])[] = [];
  let end = 0;
  for (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    if (name === METADATA_NAME) {
      throw new UniSpeechError(
        'bad-input',
        `A tensor has the name ${name}, which safetensors files keep for what they say of themselves.`,
        'Give it another name.',
      );
    }
    const begin = end;
    end += shape.reduce((bits, dim) => bits * dim, elementBitLength(dtype)) / 8;
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
    places.push([tensor, begin, end]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const jsonByteLength = Math.ceil(json.byteLength / 8) * 8;
  const dataOffset = LENGTH_FIELD_BYTE_LENGTH + jsonByteLength;
  const header = new Uint8Array(dataOffset).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(jsonByteLength), true);
  header.set(json, LENGTH_FIELD_BYTE_LENGTH);
  return {
    header,
    tensors: places.map(([tensor, from, to]) => ({
      ...tensor,
      byteOffset: dataOffset + from,
      byteLength: to - from,
    })),
    byteLength: dataOffset + end,
  };
}
