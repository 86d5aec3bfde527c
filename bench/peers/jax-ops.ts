/** The operations of the workloads in jax-js, to be traced by its `jit`. */
import { outputFrames, type ArrayOps, type ConvShape, type GroupedConvShape } from './array-ops.ts';
import type { Jax, JaxArray } from './jax-api.ts';

/** Matrices as `host-layout.ts` makes them; the weight of a grouped convolution is as PyTorch has it. */
export class JaxOps implements ArrayOps<JaxArray, JaxArray> {
  readonly #jax: Jax;

  constructor(jax: Jax) {
    this.#jax = jax;
  }

  again(x: JaxArray): JaxArray {
    return x.ref;
  }

  add(a: JaxArray, b: JaxArray): JaxArray {
    return a.add(b);
  }

  addVector(x: JaxArray, vector: JaxArray): JaxArray {
    return x.add(vector);
  }

  gelu(x: JaxArray): JaxArray {
    return this.#jax.nn.gelu(x, { approximate: false });
  }

  /** With weights [inputs, outputs], which the generated kernels read a little faster than the transpose. */
  linear(x: JaxArray, weight: JaxArray, bias?: JaxArray): JaxArray {
    const product = this.#jax.numpy.matmul(x, weight);
    return bias === undefined ? product : product.add(bias);
  }

  layerNorm(x: JaxArray, gamma: JaxArray, beta: JaxArray, epsilon: number): JaxArray {
    return this.#jax.nn.standardize(x, -1, { epsilon }).mul(gamma).add(beta);
  }

  channelNorm(x: JaxArray, gamma: JaxArray, beta: JaxArray, epsilon: number): JaxArray {
    return this.#jax.nn.standardize(x, 0, { epsilon }).mul(gamma).add(beta);
  }

  /** A product with windows: as fast as `lax.convGeneralDilated` or faster, and frames stay in front, where the next operation wants them. */
  conv(x: JaxArray, weight: JaxArray, shape: ConvShape): JaxArray {
    const { numpy } = this.#jax;
    const { frames, inputs, kernel, stride } = shape;
    const rows = outputFrames(shape);
    // Frames that lie one after another make a row of `stride` of them; a window is one such row or several.
    const rowsOfWindow = Math.ceil(kernel / stride);
    const rowCount = rows - 1 + rowsOfWindow;
    const missing = rowCount * stride - frames;
    const fitted =
      missing > 0
        ? numpy.pad(x, [
            [0, missing],
            [0, 0],
          ])
        : missing < 0
          ? x.slice([0, rowCount * stride], [])
          : x;
    const inRows = fitted.reshape([rowCount, stride * inputs]);
    if (kernel === stride) return numpy.matmul(inRows, weight);
    const parts = Array.from({ length: rowsOfWindow }, (_, i) => {
      const width = Math.min(stride, kernel - i * stride) * inputs;
      const source = i < rowsOfWindow - 1 ? inRows.ref : inRows;
      return source.slice([i, i + rows], [0, width]);
    });
    return numpy.matmul(numpy.concatenate(parts, 1), weight);
  }

  groupedConv(x: JaxArray, weight: JaxArray, shape: GroupedConvShape): JaxArray {
    const { numpy, lax } = this.#jax;
    const { frames, channels, groups, kernel } = shape;
    const before = Math.floor(kernel / 2);
    const signal = numpy.expandDims(x.transpose(), 0);
    const padding = [[before, kernel - 1 - before]] as const;
    return lax
      .convGeneralDilated(signal, weight, [1], padding, { featureGroupCount: groups })
      .reshape([channels, frames])
      .transpose();
  }

  /** What `nn.dotProductAttention` does, and as fast; that one asks for iterator helpers, which Node 20 lacks. */
  attention(q: JaxArray, k: JaxArray, v: JaxArray, heads: number): JaxArray {
    const { numpy, nn } = this.#jax;
    const [frames = 1, width = 1] = q.shape;
    const headSize = width / heads;
    const split = (x: JaxArray, axes: readonly number[]): JaxArray =>
      x.reshape([frames, heads, headSize]).transpose(axes);
    const scores = numpy.matmul(split(q, [1, 0, 2]), split(k, [1, 2, 0])).mul(headSize ** -0.5);
    const context = numpy.matmul(nn.softmax(scores, -1), split(v, [1, 0, 2]));
    return context.transpose([1, 0, 2]).reshape([frames, width]);
  }
}
