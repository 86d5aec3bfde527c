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

/**
 * Makes tensors of the clones of tensors, and adds the warnings of clips that were decoded on the page, which the worker does not know.
 * Only results that are objects of their own carry warnings.
 * @param warnings those of each clip.
 */
export function receiveResult(
  result: unknown,
  isOfList: boolean,
  warnings: readonly (readonly string[])[],
): unknown {
  return isOfList && isList(result)
    ? result.map((each, index) => receiveOne(each, warnings[index]))
    : receiveOne(result, warnings[0]);
}

function receiveOne(result: unknown, warnings: readonly string[] = []): unknown {
  const received = receiveTensor(result);
  if (received !== result || !isRecord(result)) return received;
  // Keys of a caller's audio object come back in lists, whatever their names.
  const entries = Object.entries(result).map(([key, value]) => [key, receiveTensor(value)] as const);
  return { ...Object.fromEntries(entries), ...(warnings.length > 0 && { warnings }) };
}

function receiveTensor(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { data, dims } = value;
  return isView(data, 'Float32Array') ? new Tensor('float32', data, dims as readonly number[]) : value;
}
