import { UniSpeechError } from './errors.ts';

/** Element types a `Tensor` can hold, named as transformers.js names them. */
export interface TensorDataByType {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly uint8: Uint8Array;
  readonly int64: BigInt64Array;
  readonly bool: Uint8Array;
}
export type TensorType = keyof TensorDataByType;

type Nested = number | bigint | readonly Nested[];

/**
 * A row-major array with a shape: `{ dims, type, data }`, as in transformers.js (`utils/tensor.js`).
 * The data is the caller's to read and to change; the engine keeps no reference to it.
 */
export class Tensor<T extends TensorType = TensorType> {
  readonly dims: readonly number[];

  /** @throws UniSpeechError `bad-input` when `data.length` is not the product of `dims`. */
  constructor(
    readonly type: T,
    readonly data: TensorDataByType[T],
    dims: readonly number[],
  ) {
    const expected = dims.reduce((product, dim) => product * dim, 1);
    if (expected !== data.length) {
      throw new UniSpeechError(
        'bad-input',
        `A tensor of dims [${dims.join(', ')}] needs ${expected} elements, but its data has ${data.length}.`,
      );
    }
    this.dims = [...dims];
  }

  get size(): number {
    return this.data.length;
  }

  /** The single element of a one-element tensor. */
  item(): number | bigint {
    const [only] = this.data;
    if (only === undefined || this.data.length !== 1) {
      throw new UniSpeechError(
        'bad-input',
        `item() needs a tensor of one element, this one has ${this.size}.`,
      );
    }
    return only;
  }

  /** Nested arrays in the shape of `dims`. */
  tolist(): Nested {
    const build = (axis: number, start: number, length: number): Nested => {
      const dim = this.dims[axis];
      if (dim === undefined) return this.data[start] ?? 0;
      const step = dim === 0 ? 0 : length / dim;
      return Array.from({ length: dim }, (_, index) => build(axis + 1, start + index * step, step));
    };
    return build(0, 0, this.size);
  }

  /** The sub-tensor at `index` of the first axis: a view on the same data. */
  at(index: number): Tensor<T> {
    const [first, ...rest] = this.dims;
    if (first === undefined || !Number.isInteger(index) || index < 0 || index >= first) {
      throw new UniSpeechError(
        'bad-input',
        `Index ${index} is outside the first axis of dims [${this.dims.join(', ')}].`,
      );
    }
    const length = rest.reduce((product, dim) => product * dim, 1);
    const view = this.data.subarray(index * length, (index + 1) * length) as TensorDataByType[T];
    return new Tensor(this.type, view, rest);
  }
}
