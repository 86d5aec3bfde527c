/** Results on their way from the worker to the page. A structured clone of a tensor is a plain object, and its memory is handed over. */
import { isList, isRecord, isView } from '../base/checks.ts';
import { Tensor } from '../base/tensor.ts';

/** The memory of the tensors and arrays of a result: one, an object that holds some, or a list of these. Each must own its memory. */
export const transferOf = (result: unknown): ArrayBuffer[] =>
  [result]
    .flat()
    .flatMap((each): unknown[] =>
      isRecord(each) && !(each instanceof Tensor) ? Object.values(each) : [each],
    )
    .map((each): unknown => (each instanceof Tensor ? each.data : each))
    .flatMap((each) => (isView(each, 'Float32Array') ? [(each as Float32Array<ArrayBuffer>).buffer] : []));

/** Makes tensors of the clones of tensors. */
export const receiveResult = (result: unknown, isOfList: boolean): unknown =>
  isOfList && isList(result) ? result.map(receiveOne) : receiveOne(result);

function receiveOne(result: unknown): unknown {
  const received = receiveTensor(result);
  if (received !== result || !isRecord(result)) return received;
  // Keys of a caller's audio object come back in lists, whatever their names.
  return Object.fromEntries(Object.entries(result).map(([key, value]) => [key, receiveTensor(value)]));
}

function receiveTensor(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { data, dims } = value;
  return isView(data, 'Float32Array') ? new Tensor('float32', data, dims as readonly number[]) : value;
}
