import { isCount, isList, isListOf, isView } from './checks.ts';
import { describeValue, UniSpeechError } from './errors.ts';

/** Element types of a `Tensor`, named as in transformers.js. */
export interface TensorDataByType {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly uint8: Uint8Array;
  readonly int64: BigInt64Array;
  readonly bool: Uint8Array;
}
export type TensorType = keyof TensorDataByType;

const ARRAY_NAMES = new Map([
  ['float32', 'Float32Array'],
  ['int32', 'Int32Array'],
  ['uint8', 'Uint8Array'],
  ['int64', 'BigInt64Array'],
  ['bool', 'Uint8Array'],
] as const);

/** Maximum number of lists that `tolist` makes of a tensor without elements, whose dims may have any size. */
const MAX_EMPTY_LISTS = 1e6;

type Nested = number | bigint | readonly Nested[];

/**
 * A row-major array with a shape: `{ dims, type, data }`, as in transformers.js (`utils/tensor.js`).
 * The caller may read and change the data; the engine keeps no reference to it.
 */
export class Tensor<T extends TensorType = TensorType> {
  readonly dims: readonly number[];

  /** @throws UniSpeechError `bad-input` for an unknown type, data of another type, or dims whose product is not `data.length`. */
  constructor(
    readonly type: T,
    readonly data: TensorDataByType[T],
    dims: readonly number[],
  ) {
    const arrayName = ARRAY_NAMES.get(type);
    if (arrayName === undefined || !isView(data, arrayName)) {
      throw new UniSpeechError(
        'bad-input',
        arrayName === undefined
          ? `A tensor's type is ${describeValue(type)}, but it must be one of ${[...ARRAY_NAMES.keys()].join(', ')}.`
          : `The data of a ${type} tensor is ${describeValue(data)}, but it must be a ${arrayName}.`,
      );
    }
    const given: unknown = dims;
    if (!isListOf(given, isCount)) {
      const found = isList(given) ? `[${Array.from(given, describeValue).join(', ')}]` : describeValue(given);
      throw new UniSpeechError(
        'bad-input',
        `The dims of a tensor are ${found}, but they must be an array of whole numbers of at least 0.`,
      );
    }
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

  /** Nested arrays in the shape of `dims`. @throws UniSpeechError `bad-input` for more than a million empty lists. */
  tolist(): Nested {
    const listCount = this.dims.slice(0, this.dims.indexOf(0)).reduce((product, dim) => product * dim, 1);
    if (this.size === 0 && listCount > MAX_EMPTY_LISTS) {
      throw new UniSpeechError(
        'bad-input',
        `tolist() of dims [${this.dims.join(', ')}] would give ${listCount} empty lists.`,
      );
    }
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
        `Index ${describeValue(index)} is outside the first axis of dims [${this.dims.join(', ')}].`,
      );
    }
    const length = rest.reduce((product, dim) => product * dim, 1);
    const view = this.data.subarray(index * length, (index + 1) * length) as TensorDataByType[T];
    return new Tensor(this.type, view, rest);
  }
}
