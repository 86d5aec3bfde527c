/** The operations of the workloads in TensorFlow.js. */
import { outputFrames, type ArrayOps, type ConvShape, type GroupedConvShape } from './array-ops.ts';
import type { Tf, TfTensor } from './tfjs-api.ts';

/** The library has no convolution over frames that is a kernel of its own; which of two ways is faster depends on adapter and shape. */
export const CONV_WAYS = ['conv2d', 'matMul'] as const;
export type ConvWay = (typeof CONV_WAYS)[number];
/** It has none with groups at all. */
export const GROUPED_CONV_WAYS = ['conv2d of each group', 'gather and matMul'] as const;
export type GroupedConvWay = (typeof GROUPED_CONV_WAYS)[number];
/** Means over frames are slow as the library's reductions are: they run over the last axis only, and transpose first. */
export const CHANNEL_NORM_WAYS = ['mean and batchNorm', 'mean, mul and add', 'matMul, mul and add'] as const;
export type ChannelNormWay = (typeof CHANNEL_NORM_WAYS)[number];

/** How the operations were found to be fastest. */
export interface TfjsWays {
  conv(shape: ConvShape): ConvWay;
  groupedConv(shape: GroupedConvShape): GroupedConvWay;
  channelNorm(): ChannelNormWay;
}

/** Matrices as `host-layout.ts` makes them, and of a grouped convolution what `groupedWeight` makes. To be used in `tidy`. */
export type TfjsWeight = TfTensor | { readonly filters: readonly TfTensor[] };

export class TfjsOps implements ArrayOps<TfTensor, TfjsWeight> {
  /** Past the end of a `tidy`; by what they are. */
  readonly #constants = new Map<string, TfTensor>();
  readonly #tf: Tf;
  readonly #ways: TfjsWays;

  constructor(tf: Tf, ways: TfjsWays) {
    this.#tf = tf;
    this.#ways = ways;
  }

  dispose(): void {
    for (const constant of this.#constants.values()) constant.dispose();
  }

  /** Of [groups, kernel · inputs, outputs], which it disposes of where it makes something else. */
  groupedWeight(weight: TfTensor, shape: GroupedConvShape): TfjsWeight {
    const tf = this.#tf;
    if (this.#ways.groupedConv(shape) === 'gather and matMul') return weight;
    const { channels, groups, kernel } = shape;
    const width = channels / groups;
    const filters = tf.split(weight, groups, 0).map((part) => {
      const filter = tf.reshape(part, [1, kernel, width, width]);
      part.dispose();
      return filter;
    });
    weight.dispose();
    return { filters };
  }

  /** Tensors live until the end of the `tidy` around them. */
  again(x: TfTensor): TfTensor {
    return x;
  }

  add(a: TfTensor, b: TfTensor): TfTensor {
    return this.#tf.add(a, b);
  }

  addVector(x: TfTensor, vector: TfTensor): TfTensor {
    return this.#tf.add(x, vector);
  }

  gelu(x: TfTensor): TfTensor {
    const tf = this.#tf;
    const cumulative = tf.add(tf.erf(tf.mul(x, this.#scalar(Math.SQRT1_2))), this.#scalar(1));
    return tf.mul(tf.mul(cumulative, x), this.#scalar(0.5));
  }

  #scalar(value: number): TfTensor {
    return this.#constant(`scalar ${value}`, () => this.#tf.scalar(value));
  }

  /** With weights [inputs, outputs]: the library's fast kernel reads no transposed matrix. */
  linear(a: TfTensor, b: TfTensor, bias?: TfTensor): TfTensor {
    return bias === undefined ? this.#tf.matMul(a, b) : this.#tf.fused.matMul({ a, b, bias });
  }

  /** `batchNorm` broadcasts, and so does in one dispatch what takes five in elementary operations. */
  layerNorm(x: TfTensor, gamma: TfTensor, beta: TfTensor, epsilon: number): TfTensor {
    const tf = this.#tf;
    const [frames = 1, channels = 1] = x.shape;
    const mean = tf.mean(x, 1, true);
    const variance = tf.mean(tf.squaredDifference(x, mean), 1, true);
    const ofFrames = (y: TfTensor): TfTensor => tf.reshape(y, [1, 1, frames, 1]);
    const ofChannels = (y: TfTensor): TfTensor => tf.reshape(y, [1, 1, 1, channels]);
    const normalized = tf.batchNorm(
      tf.reshape(x, [1, 1, frames, channels]),
      ofFrames(mean),
      ofFrames(variance),
      ofChannels(beta),
      ofChannels(gamma),
      epsilon,
    );
    return tf.reshape(normalized, [frames, channels]);
  }

  channelNorm(x: TfTensor, gamma: TfTensor, beta: TfTensor, epsilon: number): TfTensor {
    const tf = this.#tf;
    const way = this.#ways.channelNorm();
    const meanOf = (y: TfTensor): TfTensor =>
      way === 'matMul, mul and add' ? this.#meanByProduct(y) : tf.mean(y, 0);
    const mean = meanOf(x);
    const variance = meanOf(tf.squaredDifference(x, mean));
    if (way === 'mean and batchNorm') return tf.batchNorm(x, mean, variance, beta, gamma, epsilon);
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, this.#scalar(epsilon))));
    return tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale)));
  }

  #meanByProduct(x: TfTensor): TfTensor {
    const tf = this.#tf;
    const [frames = 1, channels = 1] = x.shape;
    const shares = this.#constant(`shares ${frames}`, () =>
      tf.tensor(new Float32Array(frames).fill(1 / frames), [1, frames]),
    );
    return tf.reshape(tf.matMul(shares, x), [channels]);
  }

  conv(x: TfTensor, weight: TfTensor, shape: ConvShape): TfTensor {
    const tf = this.#tf;
    if (this.#ways.conv(shape) === 'matMul') return tf.matMul(this.#windows(x, shape), weight);
    const { frames, inputs, outputs, kernel, stride } = shape;
    const convolved = tf.conv2d(
      tf.reshape(x, [1, 1, frames, inputs]),
      tf.reshape(weight, [1, kernel, inputs, outputs]),
      [1, stride],
      'valid',
    );
    return tf.reshape(convolved, [outputFrames(shape), outputs]);
  }

  /** Rows of [kernel · inputs]. As many frames as a stride has lie one after another already; what is left of the kernel is picked frame by frame. */
  #windows(x: TfTensor, shape: ConvShape): TfTensor {
    const tf = this.#tf;
    const { frames, inputs, kernel, stride } = shape;
    const rows = outputFrames(shape);
    const parts: TfTensor[] = [];
    const whole = kernel - (kernel % stride);
    for (let first = 0; first < whole; first += stride) {
      const isAll = first === 0 && rows * stride === frames;
      const part = isAll ? x : tf.slice(x, [first, 0], [rows * stride, inputs]);
      parts.push(tf.reshape(part, [rows, stride * inputs]));
    }
    for (let first = whole; first < kernel; first++) {
      parts.push(tf.stridedSlice(x, [first, 0], [first + (rows - 1) * stride + 1, inputs], [stride, 1]));
    }
    const [only] = parts;
    return only !== undefined && parts.length === 1 ? only : tf.concat(parts, 1);
  }

  groupedConv(x: TfTensor, weight: TfjsWeight, shape: GroupedConvShape): TfTensor {
    const tf = this.#tf;
    const { frames, channels, groups, kernel } = shape;
    const width = channels / groups;
    const before = Math.floor(kernel / 2);
    const after = kernel - 1 - before;
    if ('filters' in weight) {
      const padding = [
        [0, 0],
        [0, 0],
        [before, after],
        [0, 0],
      ] as const;
      const parts = tf.split(tf.reshape(x, [1, 1, frames, channels]), groups, 3);
      const convolved = weight.filters.map((filter, group) =>
        tf.conv2d(parts[group] ?? x, filter, [1, 1], padding),
      );
      return tf.reshape(tf.concat(convolved, 3), [frames, channels]);
    }
    const padded = tf.reshape(
      tf.pad(x, [
        [before, after],
        [0, 0],
      ]),
      [frames + kernel - 1, groups, width],
    );
    const windows = tf.gather(tf.transpose(padded, [1, 0, 2]), this.#framesOfWindows(frames, kernel), 1);
    const product = tf.matMul(tf.reshape(windows, [groups, frames, kernel * width]), weight);
    return tf.reshape(tf.transpose(product, [1, 0, 2]), [frames, channels]);
  }

  #framesOfWindows(frames: number, kernel: number): TfTensor {
    return this.#constant(`windows ${frames} ${kernel}`, () => {
      const values = Int32Array.from(
        { length: frames * kernel },
        (_, i) => Math.floor(i / kernel) + (i % kernel),
      );
      return this.#tf.tensor(values, [values.length], 'int32');
    });
  }

  #constant(key: string, make: () => TfTensor): TfTensor {
    const constant = this.#constants.get(key) ?? this.#tf.keep(make());
    this.#constants.set(key, constant);
    return constant;
  }

  attention(q: TfTensor, k: TfTensor, v: TfTensor, heads: number): TfTensor {
    const tf = this.#tf;
    const [frames = 1, width = 1] = q.shape;
    const headSize = width / heads;
    const split = (x: TfTensor, axes: readonly number[]): TfTensor =>
      tf.transpose(tf.reshape(x, [frames, heads, headSize]), axes);
    // Keys are transposed on the way, since the fast kernel of products reads no transposed matrix; queries are fewer than scores.
    const scaled = tf.mul(q, this.#scalar(headSize ** -0.5));
    const scores = tf.matMul(split(scaled, [1, 0, 2]), split(k, [1, 2, 0]));
    const context = tf.matMul(tf.softmax(scores), split(v, [1, 0, 2]));
    return tf.reshape(tf.transpose(context, [1, 0, 2]), [frames, width]);
  }
}
