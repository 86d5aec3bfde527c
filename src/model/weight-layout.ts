/**
 * The weight buffers on the GPU: what each is made of in the checkpoint, and how it is laid out. Channels are rounded up
 * to multiples of 4 with zeros, so that every kernel may read vec4s; for the usual sizes that changes nothing, and
 * tensors are streamed from the file to the GPU as they are.
 */
import { ceil4 } from '../gpu/kernel.ts';
import { groupStride } from '../../kernels/elementwise.ts';
import { matrixLayout, type WeightFormat } from '../../kernels/weight-format.ts';
import type { ExpectedTensor } from '../weights/index.ts';
import type { UniSpeechConfig } from './config.ts';

export interface WeightBuffer {
  readonly name: string;
  readonly elementCount: number;
  readonly sources: readonly ExpectedTensor[];
  /** Weights of a row, where this is the matrix of a product and so may be kept in fewer bits; a multiple of 4. */
  readonly rowLength?: number;
  /**
   * Makes the buffer from its whole sources, in memory of `elementCount` zeros. Without it the sources lie one after another, unchanged, and never need
   * to be whole in memory.
   */
  readonly pack?: (sources: readonly Float32Array[], packed: Float32Array) => void;
}

const product = (dims: readonly number[]): number => dims.reduce((total, dim) => total * dim, 1);

function plain(name: string, sources: readonly ExpectedTensor[]): WeightBuffer {
  return { name, sources, elementCount: sources.reduce((sum, { shape }) => sum + product(shape), 0) };
}

/** A vector, padded with zeros. */
function vector(name: string, length: number, source = name): WeightBuffer {
  return paddedRows(name, [{ name: source, shape: [length] }], 1, length, ceil4(length));
}

/** Rows that are each padded to `stride`; streamed where nothing needs padding. */
function paddedRows(
  name: string,
  sources: readonly ExpectedTensor[],
  rowCount: number,
  length: number,
  stride: number,
): WeightBuffer {
  if (length === stride) return plain(name, sources);
  return remapped(
    name,
    sources,
    rowCount * stride,
    (_, index) => Math.floor(index / length) * stride + (index % length),
  );
}

/** Each element of each source goes where `place` says; the rest is zero. */
function remapped(
  name: string,
  sources: readonly ExpectedTensor[],
  elementCount: number,
  place: (source: number, index: number) => number,
): WeightBuffer {
  return {
    name,
    sources,
    elementCount,
    pack(values, packed) {
      values.forEach((elements, source) => {
        for (let i = 0; i < elements.length; i++) packed[place(source, i)] = elements[i] ?? 0;
      });
    },
  };
}

const matrix = (rowLength: number, weight: WeightBuffer): WeightBuffer => ({ ...weight, rowLength });

/** A linear layer [rows, columns] with both rounded up to multiples of 4: `name.weight`, `name.bias`. */
function linear(name: string, rows: number, columns: number): readonly WeightBuffer[] {
  const weight = { name: `${name}.weight`, shape: [rows, columns] };
  const isAligned = rows % 4 === 0 && columns % 4 === 0;
  return [
    matrix(
      ceil4(columns),
      isAligned
        ? plain(weight.name, [weight])
        : remapped(
            weight.name,
            [weight],
            ceil4(rows) * ceil4(columns),
            (_, i) => Math.floor(i / columns) * ceil4(columns) + (i % columns),
          ),
    ),
    vector(`${name}.bias`, rows),
  ];
}

/** A convolution [out, in, k] → [out][k][in], which a GEMM reads against rows of [time, channel]. */
function conv(name: string, outChannels: number, inChannels: number, kernel: number): WeightBuffer {
  const inStride = ceil4(inChannels);
  const weight = remapped(
    `${name}.weight`,
    [{ name: `${name}.weight`, shape: [outChannels, inChannels, kernel] }],
    ceil4(outChannels) * kernel * inStride,
    (_, i) => {
      const out = Math.floor(i / (inChannels * kernel));
      const channel = Math.floor(i / kernel) % inChannels;
      return (out * kernel + (i % kernel)) * inStride + channel;
    },
  );
  return matrix(kernel * inStride, weight);
}

/** Weight norm over everything but the kernel position, folded: w = g[k] · v / ‖v[·, ·, k]‖, → [group][out][k][in]. */
function posConv(name: string, config: UniSpeechConfig): readonly WeightBuffer[] {
  const {
    hidden_size: hidden,
    num_conv_pos_embeddings: kernel,
    num_conv_pos_embedding_groups: groups,
  } = config;
  const inChannels = hidden / groups;
  const inStride = groupStride({ channels: hidden, groups });
  const elementCount = hidden * kernel * inStride;
  const weight: WeightBuffer = {
    name: `${name}.weight`,
    elementCount,
    rowLength: kernel * inStride,
    sources: [
      { name: `${name}.weight_g`, shape: [1, 1, kernel] },
      { name: `${name}.weight_v`, shape: [hidden, inChannels, kernel] },
    ],
    pack([g = new Float32Array(), v = new Float32Array()], packed) {
      const squares = new Float64Array(kernel);
      for (let i = 0; i < v.length; i++) squares[i % kernel] = (squares[i % kernel] ?? 0) + (v[i] ?? 0) ** 2;
      const scales = squares.map((square, k) => (g[k] ?? 0) / Math.sqrt(square));
      for (let row = 0, i = 0; row < hidden; row++) {
        for (let channel = 0; channel < inChannels; channel++) {
          for (let k = 0; k < kernel; k++, i++) {
            packed[(row * kernel + k) * inStride + channel] = (v[i] ?? 0) * (scales[k] ?? 0);
          }
        }
      }
    },
  };
  return [weight, vector(`${name}.bias`, hidden)];
}

/** Norm parameters. */
const norm = (name: string, channels: number): readonly WeightBuffer[] => [
  vector(`${name}.weight`, channels),
  vector(`${name}.bias`, channels),
];

/**
 * q, k and v in one matrix, rows of each head padded to a multiple of 4; the output projection's columns
 * follow the same padded order.
 */
function attention(name: string, config: UniSpeechConfig): readonly WeightBuffer[] {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const headSize = hidden / heads;
  const headStride = ceil4(headSize);
  const columns = ceil4(hidden);
  const width = heads * headStride;
  const padded = (feature: number): number =>
    Math.floor(feature / headSize) * headStride + (feature % headSize);
  const parts = ['q_proj', 'k_proj', 'v_proj'].map((part) => `${name}.${part}`);
  const weights = parts.map((part) => ({ name: `${part}.weight`, shape: [hidden, hidden] }));
  const biases = parts.map((part) => ({ name: `${part}.bias`, shape: [hidden] }));
  const output = { name: `${name}.out_proj.weight`, shape: [hidden, hidden] };
  const outBias = vector(`${name}.out_proj.bias`, hidden);
  if (headSize === headStride) {
    return [
      matrix(hidden, plain(`${name}.qkv.weight`, weights)),
      plain(`${name}.qkv.bias`, biases),
      matrix(hidden, plain(output.name, [output])),
      outBias,
    ];
  }
  return [
    matrix(
      columns,
      remapped(
        `${name}.qkv.weight`,
        weights,
        3 * width * columns,
        (part, i) => (part * width + padded(Math.floor(i / hidden))) * columns + (i % hidden),
      ),
    ),
    remapped(`${name}.qkv.bias`, biases, 3 * width, (part, i) => part * width + padded(i)),
    matrix(
      width,
      remapped(
        output.name,
        [output],
        columns * width,
        (_, i) => Math.floor(i / hidden) * width + padded(i % hidden),
      ),
    ),
    outBias,
  ];
}

/** Every weight buffer of the base model, in the order of use. */
export function baseWeightLayout(config: UniSpeechConfig): readonly WeightBuffer[] {
  const { hidden_size: hidden, intermediate_size: intermediate } = config;
  const lastConv = config.conv_dim.at(-1) ?? 1;
  const convLayers = config.conv_dim.flatMap((channels, i) => {
    const name = `feature_extractor.conv_layers.${i}`;
    const kernel = config.conv_kernel[i] ?? 1;
    const hasNorm = config.feat_extract_norm === 'layer' || i === 0;
    return [
      i === 0
        ? plain(`${name}.conv.weight`, [{ name: `${name}.conv.weight`, shape: [channels, 1, kernel] }])
        : conv(`${name}.conv`, channels, config.conv_dim[i - 1] ?? 1, kernel),
      ...(config.conv_bias ? [vector(`${name}.conv.bias`, channels)] : []),
      ...(hasNorm ? norm(`${name}.layer_norm`, channels) : []),
    ];
  });
  const encoderLayers = Array.from({ length: config.num_hidden_layers }, (_, n) => {
    const name = `encoder.layers.${n}`;
    return [
      ...attention(`${name}.attention`, config),
      ...norm(`${name}.layer_norm`, hidden),
      ...linear(`${name}.feed_forward.intermediate_dense`, intermediate, hidden),
      ...linear(`${name}.feed_forward.output_dense`, hidden, intermediate),
      ...norm(`${name}.final_layer_norm`, hidden),
    ];
  }).flat();
  return [
    ...convLayers,
    ...norm('feature_projection.layer_norm', lastConv),
    ...linear('feature_projection.projection', hidden, lastConv),
    ...(config.hasMaskEmbedding ? [vector('masked_spec_embed', hidden)] : []),
    ...posConv('encoder.pos_conv_embed.conv', config),
    ...norm('encoder.layer_norm', hidden),
    ...encoderLayers,
  ];
}

/** The CTC head. */
export function ctcWeightLayout(config: UniSpeechConfig): readonly WeightBuffer[] {
  return linear('lm_head', config.vocab_size, config.hidden_size);
}

/** The weights of a file that `unispeech quantize` wrote: every buffer as it lies on the GPU, matrices as words. */
export function quantizedLayout(
  layout: readonly WeightBuffer[],
  format: WeightFormat,
): readonly WeightBuffer[] {
  return layout.map(({ name, elementCount, rowLength }) => {
    if (rowLength === undefined) return plain(name, [{ name, shape: [elementCount] }]);
    const { byteLength } = matrixLayout(format, { rows: elementCount / rowLength, rowLength });
    return plain(name, [{ name, shape: [byteLength / 4], dtype: 'U32' }]);
  });
}
