/**
 * What a pickle of weights describes: tensors as views on storages, whose bytes are not part of the pickle. Everything else in it becomes
 * `null`, booleans, numbers, bigints, strings, arrays (lists and tuples) and maps (dicts).
 */
import { isCount, isListOf, isRecord } from '../../base/checks.ts';
import { describeValue } from '../../base/errors.ts';
import { elementBitLength, type StoredDtype } from '../dtype.ts';
import type { Refuse } from './refusal.ts';

const MAX_DIMS = 8;
/** The most bytes of a tensor that repeats elements of its storage: with strides of 0 a few elements would make any number. */
const MAX_REPEATED_BYTE_LENGTH = 2 ** 30;

export const bytesPerElement = (dtype: StoredDtype): number => elementBitLength(dtype) / 8;

/** Elements that lie one after another in the file; several tensors may share them. */
export interface PickledStorage {
  readonly kind: 'storage';
  /** What the file calls it. */
  readonly key: string;
  readonly dtype: StoredDtype;
  readonly elementCount: number;
  /** Of its first element in what the file holds under the key: old files have views on storages. */
  readonly elementOffset: number;
}

/** Element (i0, i1, …) is element `elementOffset` + Σ i · stride of the storage, counted in elements of the tensor. */
export interface PickledTensor {
  readonly kind: 'tensor';
  readonly storageKey: string;
  readonly dtype: StoredDtype;
  readonly elementOffset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A class or function that the pickle names, of those that weights need. */
export interface PickledGlobal {
  readonly kind: 'global';
  /** With its module. */
  readonly name: string;
  /** Of the elements, where it is a class of storages or a dtype. */
  readonly dtype: StoredDtype | undefined;
  /** What calling it gives. */
  readonly call: ((args: readonly unknown[], refuse: Refuse) => unknown) | undefined;
}

interface Kinds {
  readonly storage: PickledStorage;
  readonly tensor: PickledTensor;
  readonly global: PickledGlobal;
}

/** Whether a value of a pickle is one of these: no other value has keys of its own. */
export const isPickled = <K extends keyof Kinds>(value: unknown, kind: K): value is Kinds[K] =>
  isRecord(value) && value.kind === kind;

/** The tensor that `torch._utils._rebuild_tensor_v2` makes of these arguments. The file chooses all of them. */
export function tensorOf(
  [storage, offset, shape, strides]: readonly unknown[],
  asDtype: StoredDtype | undefined,
  refuse: Refuse,
): PickledTensor {
  if (
    isPickled(storage, 'storage') &&
    isCount(offset) &&
    isListOf(shape, isCount) &&
    isListOf(strides, isCount)
  ) {
    const { key, dtype: storedDtype, elementCount, elementOffset } = storage;
    const dtype = asDtype ?? storedDtype;
    const width = bytesPerElement(dtype);
    const storedWidth = bytesPerElement(storedDtype);
    // Factors that are too large must not be hidden by one that is 0.
    const largest = shape.reduce((product, dim) => product * Math.max(dim, 1), width);
    const last = shape.reduce((sum, dim, axis) => sum + (dim - 1) * (strides[axis] ?? 0), offset);
    const first = (elementOffset * storedWidth) / width;
    const isInside = shape.includes(0) || (last + 1) * width <= elementCount * storedWidth;
    const isSound = shape.length === strides.length && shape.length <= MAX_DIMS && Number.isInteger(first);
    const isBounded = largest <= Math.max(elementCount * storedWidth, MAX_REPEATED_BYTE_LENGTH);
    if (isSound && isInside && isBounded) {
      // Copies: the pickle could add to its lists later.
      const view = { shape: [...shape], strides: [...strides] };
      return { kind: 'tensor', storageKey: key, dtype, elementOffset: first + offset, ...view };
    }
  }
  const count = isPickled(storage, 'storage') ? `${storage.elementCount} elements` : 'another kind';
  throw refuse(
    `makes a tensor of shape ${show(shape)}, strides ${show(strides)} and offset ${show(offset)} of a storage of ${count}`,
  );
}

const show = (value: unknown): string =>
  isListOf(value, isCount) && value.length <= 2 * MAX_DIMS ? `(${value.join(', ')})` : describeValue(value);
