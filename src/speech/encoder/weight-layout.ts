/**
 * The weight buffers on the GPU: what each is made of in the checkpoint, and how it is laid out. Channels are rounded up
 * to multiples of 4 with zeros, so that every kernel may read vec4s; for the usual sizes that changes nothing, and
 * tensors are streamed from the file to the GPU as they are.
 */
import { ceil4 } from '../../gpu/kernel.ts';
import { matrixLayout, type WeightFormat } from '../../../kernels/weight-format.ts';
import type { ExpectedTensor } from '../../checkpoint/names.ts';
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

/** Each element of each source goes where `place` says; the rest is zero. */
function remapped(
  name: string,
  sources: readonly ExpectedTensor[],
  elementCount: number,
  place: (index: number, source: number) => number,
): WeightBuffer {
  return {
    name,
    sources,
    elementCount,
    pack(values, packed) {
      values.forEach((elements, source) => {
        for (let i = 0; i < elements.length; i++) packed[place(i, source)] = elements[i] ?? 0;
      });
    },
  };
}

/** As `remapped` where `place` keeps the order and only leaves room for padding: without any, nothing moves. */
function padded(...layout: Parameters<typeof remapped>): WeightBuffer {
  const [name, sources, elementCount] = layout;
  const asItIs = plain(name, sources);
  return asItIs.elementCount === elementCount ? asItIs : remapped(...layout);
}

/** Where an element goes when rows of `length` become rows of `stride`. */
const spread = (index: number, length: number, stride: number): number =>
  Math.floor(index / length) * stride + (index % length);

/** A vector, padded with zeros. */
const vector = (name: string, length: number): WeightBuffer =>
  padded(name, [{ name, shape: [length] }], ceil4(length), (i) => i);

const matrix = (rowLength: number, weight: WeightBuffer): WeightBuffer => ({ ...weight, rowLength });

/** A linear layer [rows, columns] with both rounded up to multiples of 4: `name.weight`, `name.bias`. */
function linear(name: string, rows: number, columns: number): readonly WeightBuffer[] {
  const weight = { name: `${name}.weight`, shape: [rows, columns] };
  const rowLength = ceil4(columns);
  return [
    matrix(
      rowLength,
      padded(weight.name, [weight], ceil4(rows) * rowLength, (i) => spread(i, columns, rowLength)),
    ),
    vector(`${name}.bias`, rows),
  ];
}

/** Where an element of a convolution [out][in][k] goes in [out][k][in]. */
function convPlace(index: number, inChannels: number, kernel: number): number {
  const out = Math.floor(index / (inChannels * kernel));
  const channel = Math.floor(index / kernel) % inChannels;
  return (out * kernel + (index % kernel)) * ceil4(inChannels) + channel;
}

/** A convolution [out, in, k] → [out][k][in], which a GEMM reads against rows of [time, channel]. */
function conv(name: string, outChannels: number, inChannels: number, kernel: number): WeightBuffer {
  const rowLength = kernel * ceil4(inChannels);
  const weight = { name: `${name}.weight`, shape: [outChannels, inChannels, kernel] };
  return matrix(
    rowLength,
    remapped(weight.name, [weight], ceil4(outChannels) * rowLength, (i) => convPlace(i, inChannels, kernel)),
  );
}

/** Weight norm over everything but the kernel position, folded: w = g[k] · v / ‖v[·, ·, k]‖, → [group][out][k][in]. */
function posConv(name: string, config: UniSpeechConfig): readonly WeightBuffer[] {
  const { hidden_size: hidden, num_conv_pos_embeddings: kernel } = config;
  const inChannels = hidden / config.num_conv_pos_embedding_groups;
  const rowLength = kernel * ceil4(inChannels);
  const weight: WeightBuffer = {
    name: `${name}.weight`,
    elementCount: hidden * rowLength,
    rowLength,
    sources: [
      { name: `${name}.weight_g`, shape: [1, 1, kernel] },
      { name: `${name}.weight_v`, shape: [hidden, inChannels, kernel] },
    ],
    pack([g = new Float32Array(), v = new Float32Array()], packed) {
      const squares = new Float64Array(kernel);
      for (let i = 0; i < v.length; i++) squares[i % kernel] = (squares[i % kernel] ?? 0) + (v[i] ?? 0) ** 2;
      const scales = squares.map((square, k) => (g[k] ?? 0) / Math.sqrt(square));
      for (let i = 0; i < v.length; i++)
        packed[convPlace(i, inChannels, kernel)] = (v[i] ?? 0) * (scales[i % kernel] ?? 0);
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
  const width = heads * ceil4(headSize);
  const columns = ceil4(hidden);
  const place = (feature: number): number => spread(feature, headSize, ceil4(headSize));
  const ofParts = (end: string, shape: readonly number[]): readonly ExpectedTensor[] =>
    ['q_proj', 'k_proj', 'v_proj'].map((part) => ({ name: `${name}.${part}.${end}`, shape }));
  const output = { name: `${name}.out_proj.weight`, shape: [hidden, hidden] };
  return [
    matrix(
      columns,
      padded(
        `${name}.qkv.weight`,
        ofParts('weight', [hidden, hidden]),
        3 * width * columns,
        (i, part) => (part * width + place(Math.floor(i / hidden))) * columns + (i % hidden),
      ),
    ),
    padded(`${name}.qkv.bias`, ofParts('bias', [hidden]), 3 * width, (i, part) => part * width + place(i)),
    matrix(
      width,
      padded(
        output.name,
        [output],
        columns * width,
        (i) => Math.floor(i / hidden) * width + place(i % hidden),
      ),
    ),
    vector(`${name}.out_proj.bias`, hidden),
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
