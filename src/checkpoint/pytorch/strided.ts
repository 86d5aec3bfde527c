/** Tensors that do not lie in a file as they are read: transposed ones, parts of others, repeated ones. */
import type { PickledTensor } from './pickled.ts';

/** One dim, or several of which the inner ones follow each other without a gap. */
interface Axis {
  readonly count: number;
  /** In elements. */
  readonly stride: number;
}

/** From the outer to the inner axis. A tensor without gaps has one axis of stride 1, and a single element has none. */
function axesOf({ shape, strides }: PickledTensor): readonly Axis[] {
  const axes: Axis[] = [];
  shape.forEach((count, index) => {
    const stride = strides[index] ?? 0;
    const outer = axes.at(-1);
    if (count === 1) return;
    if (outer?.stride === count * stride) axes.splice(-1, 1, { count: outer.count * count, stride });
    else axes.push({ count, stride });
  });
  return axes;
}

/** Whether the elements lie one after another in the order in which they are read. */
export const isContiguous = (tensor: PickledTensor): boolean =>
  axesOf(tensor).every(({ stride }, index) => index === 0 && stride === 1);

/** The most bytes that are read from the file at once. */
const CHUNK_BYTE_LENGTH = 4 * 2 ** 20;

/**
 * `count` elements of a tensor from `start` on, in row-major order. They are taken from stretches of the storage, each of which is read once;
 * what lies far from any of them is not read.
 * @param width bytes of an element.
 * @param read gives bytes from an element of the tensor's storage on, in any memory.
 */
export async function gather(
  tensor: PickledTensor,
  start: number,
  count: number,
  width: number,
  read: (elementOffset: number, byteLength: number) => Promise<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const axes = axesOf(tensor);
  const [row = { count: 1, stride: 1 }, ...outer] = [...axes].reverse();
  const target = new Uint8Array(count * width);

  /** Where the row of an element begins in the storage. */
  const rowOffset = (element: number): number => {
    let rest = Math.floor(element / row.count);
    let offset = tensor.elementOffset;
    for (const axis of outer) {
      offset += (rest % axis.count) * axis.stride;
      rest = Math.floor(rest / axis.count);
    }
    return offset;
  };
  /** Copies what lies in a stretch of the storage; returns where the next element behind it lies, `Infinity` if there is none. */
  const copyFrom = (stretch: Uint8Array, stretchOffset: number): number => {
    const stretchEnd = stretchOffset + stretch.length / width;
    let next = Infinity;
    for (let at = start, rowEnd; at < start + count; at = rowEnd) {
      const inRow = at % row.count;
      rowEnd = Math.min(start + count, at - inRow + row.count);
      // Element e of this row lies at base + e · stride.
      const base = rowOffset(at) - (at - inRow) * row.stride;
      const firstBehind = (place: number): number => {
        const element = row.stride > 0 ? Math.ceil((place - base) / row.stride) : base < place ? Infinity : 0;
        return Math.min(rowEnd, Math.max(at, element));
      };
      const end = firstBehind(stretchEnd);
      for (let element = firstBehind(stretchOffset); element < end; element++) {
        const from = (base + element * row.stride - stretchOffset) * width;
        const to = (element - start) * width;
        for (let byte = 0; byte < width; byte++) target[to + byte] = stretch[from + byte] ?? 0;
      }
      if (end < rowEnd) next = Math.min(next, base + end * row.stride);
    }
    return next;
  };

  const end = axes.reduce((last, axis) => last + (axis.count - 1) * axis.stride, tensor.elementOffset + 1);
  for (let next = copyFrom(target.subarray(0, 0), 0); next < end;) {
    next = copyFrom(await read(next, Math.min(CHUNK_BYTE_LENGTH, (end - next) * width)), next);
  }
  return target;
}
