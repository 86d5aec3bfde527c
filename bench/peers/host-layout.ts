/** Layouts of weights that libraries want, made once in host memory. Pure data. */
import type { HostTensor } from './engine.ts';

export const elementCount = (dims: readonly number[]): number =>
  dims.reduce((product, dim) => product * dim, 1);

/** The same elements with axis `axes[i]` of the tensor as axis i of the result. */
export function permute({ dims, data }: HostTensor, axes: readonly number[]): HostTensor {
  const outDims = axes.map((axis) => dims[axis] ?? 1);
  const strides = axes.map((axis) => elementCount(dims.slice(axis + 1)));
  const out = new Float32Array(data.length);
  const position = outDims.map(() => 0);
  for (let i = 0, source = 0; i < out.length; i++) {
    out[i] = data[source] ?? NaN;
    // Counts up like an odometer, and keeps `source` in step.
    for (let axis = outDims.length - 1; axis >= 0; axis--) {
      const [count, dim, stride] = [(position[axis] ?? 0) + 1, outDims[axis] ?? 1, strides[axis] ?? 0];
      position[axis] = count === dim ? 0 : count;
      source += count === dim ? stride * (1 - dim) : stride;
      if (count < dim) break;
    }
  }
  return { dims: outDims, data: out };
}

export function reshape({ data }: HostTensor, dims: readonly number[]): HostTensor {
  if (elementCount(dims) !== data.length)
    throw new Error(`${data.length} elements do not fill [${dims.join(', ')}]`);
  return { dims, data };
}

/** [outputs, inputs] → [inputs, outputs]. */
export const matrix = (weight: HostTensor): HostTensor => permute(weight, [1, 0]);

/** [outputs, inputs, kernel] → [kernel · inputs, outputs]: what windows of rows are multiplied with. */
export function convolution(weight: HostTensor): HostTensor {
  const [outputs = 1, inputs = 1, kernel = 1] = weight.dims;
  return reshape(permute(weight, [2, 1, 0]), [kernel * inputs, outputs]);
}

/** [outputs, inputs of a group, kernel] → [groups, kernel · inputs of a group, outputs of a group]. */
export function groupedConvolution(weight: HostTensor, groups: number): HostTensor {
  const [outputs = 1, inputs = 1, kernel = 1] = weight.dims;
  const byGroup = reshape(weight, [groups, outputs / groups, inputs, kernel]);
  return reshape(permute(byGroup, [0, 3, 2, 1]), [groups, kernel * inputs, outputs / groups]);
}

/** w[·, ·, k] = g[k] · v[·, ·, k] / ‖v[·, ·, k]‖, with g [1, 1, kernel]. */
export function foldWeightNorm(g: HostTensor, v: HostTensor): HostTensor {
  const kernel = g.data.length;
  const squares = new Float64Array(kernel);
  v.data.forEach((value, i) => (squares[i % kernel] = (squares[i % kernel] ?? 0) + value ** 2));
  const scales = squares.map((square, k) => (g.data[k] ?? NaN) / Math.sqrt(square));
  return { dims: v.dims, data: v.data.map((value, i) => value * (scales[i % kernel] ?? NaN)) };
}
