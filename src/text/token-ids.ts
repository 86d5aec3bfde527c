/** The forms in which callers may pass token ids: plain arrays, typed arrays, tensors. */
import { isCount, isView } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { Tensor } from '../base/tensor.ts';

/** The ids of one sequence. A tensor has dims `[length]` or `[1, length]`. */
export type TokenIds = readonly (number | bigint)[] | Int32Array | BigInt64Array | Tensor<'int32' | 'int64'>;
/** The ids of several sequences. A tensor has dims `[batch, length]`. */
export type TokenIdBatch = readonly TokenIds[] | Tensor<'int32' | 'int64'>;

const isIdTensor = (value: unknown): value is Tensor<'int32' | 'int64'> =>
  value instanceof Tensor && (value.type === 'int32' || value.type === 'int64');

/** @throws UniSpeechError `bad-input` for anything but non-negative integers. */
export function toIdList(ids: TokenIds): number[] {
  if (isIdTensor(ids)) {
    if (ids.dims.length > 2 || (ids.dims.length === 2 && ids.dims[0] !== 1)) {
      throw new UniSpeechError(
        'bad-input',
        `decode takes ids of one sequence, but the tensor has dims [${ids.dims.join(', ')}].`,
        'Use batch_decode for a batch.',
      );
    }
    return toIdList(ids.data);
  }
  if (!Array.isArray(ids) && !isView(ids, 'Int32Array', 'BigInt64Array')) {
    throw new UniSpeechError(
      'bad-input',
      `Token ids must be an array of integers, an Int32Array, a BigInt64Array or an int32 or int64 Tensor, but got ${describeValue(ids)}.`,
    );
  }
  return Array.from<unknown, number>(ids, (id, position) => {
    const value = typeof id === 'bigint' ? Number(id) : id;
    if (isCount(value)) return value;
    throw new UniSpeechError(
      'bad-input',
      `Token id ${describeValue(id)} at position ${position} is not a non-negative integer.`,
    );
  });
}

/** @throws UniSpeechError `bad-input` when `batch` is neither an array of sequences nor a 2-D tensor. */
export function toIdLists(batch: TokenIdBatch): number[][] {
  if (isIdTensor(batch)) {
    if (batch.dims.length !== 2) {
      throw new UniSpeechError(
        'bad-input',
        `batch_decode takes a tensor of dims [batch, length], but got dims [${batch.dims.join(', ')}].`,
      );
    }
    return Array.from({ length: batch.dims[0] ?? 0 }, (_, row) => toIdList(batch.at(row)));
  }
  if (!Array.isArray(batch)) {
    throw new UniSpeechError(
      'bad-input',
      `batch_decode takes an array of id sequences or a 2-D Tensor, but got ${describeValue(batch)}.`,
    );
  }
  // Not `map`, which skips the holes of an array.
  return Array.from(batch as readonly TokenIds[], (ids) => toIdList(ids));
}
