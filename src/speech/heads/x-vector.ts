/**
 * The head for embeddings of speakers (`Wav2Vec2ForXVector` of the reference; x-vectors, Snyder et al., 2018): convolutions over frames with
 * growing gaps (TDNN), mean and standard deviation over the frames, then two linear layers.
 */
import { planUnfoldFrames } from '../../../kernels/frame-windows.ts';
import { UniSpeechError } from '../../base/errors.ts';
import type { NumberList } from '../../base/number-tables.ts';
import type { Tensor } from '../../base/tensor.ts';
import { ceil4 } from '../../gpu/kernel.ts';
import { frameStatistics } from '../../graph/frame-statistics.ts';
import { framesAfter, framesFor, type FrameWindow } from '../../graph/shape.ts';
import { adapterWindows } from '../encoder/adapter-windows.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { linear, matrix, padded, spread, vector, type WeightBuffer } from '../encoder/weight-buffers.ts';
import { addLayer } from './add-layer.ts';
import type { Head, HeadCall } from './head.ts';
import { prepareLabelled, type LabelledOutputs } from './labels.ts';
import { outputNamed, SPEAKER_PRODUCTS } from './read-outputs.ts';
import { addFrames, layerWeights } from './weighted-sum.ts';

/** Output of `Wav2Vec2ForXVector` (`XVectorOutput`). */
export interface XVectorOutput extends LabelledOutputs {
  /** []: the AM-softmax loss of `labels`, the mean over the items. */
  readonly loss?: Tensor<'float32'>;
  /** [B, xvector_output_dim]: what the loss reads. Speakers are compared by the embeddings. */
  readonly logits: Tensor<'float32'>;
  /** [B, xvector_output_dim]: the closer the cosine of two of them is to 1, the more the speakers sound alike. */
  readonly embeddings: Tensor<'float32'>;
}

/** What a call takes in addition. */
export interface SpeakerLabels {
  /** [B], the speaker of each clip, below `num_labels`; −100 for a clip that does not count in the loss. */
  readonly labels?: NumberList | null;
}

/** A convolution of the head. */
interface TdnnLayer {
  readonly name: string;
  readonly inChannels: number;
  readonly channels: number;
  readonly window: FrameWindow;
}

/** @throws UniSpeechError `bad-config` for lists of different lengths. */
function tdnnLayers({ tdnn_dim, tdnn_kernel, tdnn_dilation }: EncoderConfig): readonly TdnnLayer[] {
  const lengths = [tdnn_dim, tdnn_kernel, tdnn_dilation].map(({ length }) => length);
  if (new Set(lengths).size > 1) {
    throw new UniSpeechError(
      'bad-config',
      `config.json: "tdnn_dim", "tdnn_kernel" and "tdnn_dilation" must have the same length, but they have ${lengths.join(', ')} entries.`,
    );
  }
  return tdnn_dim.map((channels, i) => ({
    name: `tdnn.${i}.kernel`,
    inChannels: tdnn_dim[Math.max(i - 1, 0)] ?? channels,
    channels,
    window: { kernel: tdnn_kernel[i] ?? 1, stride: 1, padding: 0, dilation: tdnn_dilation[i] ?? 1 },
  }));
}

/** Rows of [tap][channel], as files have them. */
const tdnnWeights = ({
  name,
  inChannels,
  channels,
  window: { kernel },
}: TdnnLayer): readonly WeightBuffer[] => {
  const weight = { name: `${name}.weight`, shape: [channels, kernel * inChannels] };
  const rowLength = kernel * ceil4(inChannels);
  const place = (index: number): number => spread(index, inChannels, ceil4(inChannels));
  return [
    matrix(rowLength, padded(weight.name, [weight], channels * rowLength, place)),
    vector(`${name}.bias`, channels),
  ];
};

const OBJECTIVE = 'objective.weight';
/** PyTorch takes no norm for smaller than this. */
const MIN_NORM = 1e-12;

/** [width, speakers] → a row for each speaker, of length 1. Only the loss reads them. */
function objectiveWeights({ xvector_output_dim: width, num_labels: speakers }: EncoderConfig): WeightBuffer {
  const rowLength = ceil4(width);
  return matrix(rowLength, {
    name: OBJECTIVE,
    sources: [{ name: OBJECTIVE, shape: [width, speakers] }],
    elementCount: ceil4(speakers) * rowLength,
    pack([columns = new Float32Array()], packed) {
      const squares = new Float64Array(speakers);
      columns.forEach((value, i) => (squares[i % speakers] = (squares[i % speakers] ?? 0) + value ** 2));
      columns.forEach((value, i) => {
        const speaker = i % speakers;
        const norm = Math.max(Math.sqrt(squares[speaker] ?? 0), MIN_NORM);
        packed[speaker * rowLength + Math.floor(i / speakers)] = value / norm;
      });
    },
  });
}

/** Frames behind the convolutions without which there is no deviation. */
const MIN_FRAMES = 2;

/**
 * How many frames of each item behind the convolutions count; undefined where all do. As in the reference the formula for padded items
 * leaves out the gaps, so it counts frames that read padding, too. Items shorter than the kernels follow the slices of Python, which count from
 * the end.
 * @throws UniSpeechError `bad-input` for audio that leaves fewer than two frames.
 */
function frameCounts({ config, shape, sampleCounts, isMasked }: HeadCall): readonly number[] | undefined {
  const windows = tdnnLayers(config).map(({ window }) => window);
  const frames = framesAfter(shape.frames, [...windowsBefore(config), ...windows]);
  if (frames < MIN_FRAMES) {
    const needed = minimumFrames(config);
    throw new UniSpeechError(
      'bad-input',
      `The audio is too short for an embedding: it has ${shape.frames} frames, but this model needs at least ${needed}.`,
      `Give it at least ${config.samplesFor(needed)} samples.`,
    );
  }
  if (!isMasked) return undefined;
  const lost = windows.reduce((sum, { kernel }) => sum + kernel - 1, 0);
  return sampleCounts.map((sampleCount, item) => {
    const formula = config.maskedFrameCount(sampleCount) - lost;
    const count = formula < 0 ? frames + formula : Math.min(formula, frames);
    if (count >= MIN_FRAMES) return count;
    throw new UniSpeechError(
      'bad-input',
      `Row ${item} of the batch is too short for an embedding: its ${sampleCount} real samples leave ${Math.max(count, 0)} of the ${MIN_FRAMES} frames that a mean and a deviation need.`,
      `Give every clip at least ${config.samplesFor(MIN_FRAMES + lost)} samples.`,
    );
  });
}

/** The windows by which an adapter leaves fewer frames to the convolutions. Hidden states are those in front of it. */
const windowsBefore = (config: EncoderConfig): readonly FrameWindow[] =>
  config.use_weighted_layer_sum ? [] : adapterWindows(config);

const minimumFrames = (config: EncoderConfig): number =>
  framesFor(MIN_FRAMES, [...windowsBefore(config), ...tdnnLayers(config).map(({ window }) => window)]);

/** @throws UniSpeechError `unsupported` for an adapter whose width the projector, as in the reference, does not read. */
function projectorWidth({ hidden_size, outputWidth, use_weighted_layer_sum }: EncoderConfig): number {
  if (use_weighted_layer_sum || outputWidth === hidden_size) return hidden_size;
  throw new UniSpeechError(
    'unsupported',
    `config.json: "output_hidden_size" is ${outputWidth}, but the projector of an embedding reads "hidden_size" channels, ${hidden_size}.`,
  );
}

export const X_VECTOR_HEAD: Head<XVectorOutput> = {
  argumentNames: ['labels'],
  minimumFrames,
  async prepare(call) {
    const counts = frameCounts(call);
    const { labels } = call.inputs;
    const { readOutputs } = await prepareLabelled(call, 'speaker');
    return {
      ...(counts && { graphInputs: new Map([['tdnn_counts', Uint32Array.from(counts)]]) }),
      ...(labels !== undefined && labels !== null && { requests: [SPEAKER_PRODUCTS] }),
      readOutputs(outputs) {
        const { loss, logits, ...rest } = readOutputs(outputs);
        return { ...(loss && { loss }), logits, embeddings: outputNamed(outputs, 'embeddings'), ...rest };
      },
    };
  },
  layout(config) {
    const layers = tdnnLayers(config);
    const { xvector_output_dim: width } = config;
    return [
      ...layerWeights(config),
      ...linear('projector', config.tdnn_dim[0] ?? 1, projectorWidth(config)),
      ...layers.flatMap(tdnnWeights),
      ...linear('feature_extractor', width, 2 * (config.tdnn_dim.at(-1) ?? 1)),
      ...linear('classifier', width, width),
      objectiveWeights(config),
    ];
  },
  sizes: [
    ['xvector_output_dim', 'feature_extractor.weight', 0, 2],
    ['num_labels', OBJECTIVE, 1, 2],
  ],
  addTo(target) {
    const { graph, config, given } = target;
    const { frames, keyCounts } = addFrames(target);
    let x = addLayer(target, 'projector', config.tdnn_dim[0] ?? 1, frames);
    for (const { name, channels, window } of tdnnLayers(config)) {
      const weights = { weight: `${name}.weight`, bias: `${name}.bias`, groups: 1 };
      const conv = graph.add(name, channels, {
        kind: 'frame_conv',
        x,
        ...weights,
        taps: window,
        window,
        planUnfold: planUnfoldFrames,
      });
      x = graph.add(`${name} activation`, channels, { kind: 'activation', x: conv, activation: 'relu' });
    }
    const statistics = graph.add(
      'statistics',
      2 * graph.channelsOf(x),
      // Counts beyond the frames that there are stand for all of them.
      frameStatistics(x, given.has('tdnn_counts') ? graph.input('tdnn_counts', 'per-item') : keyCounts),
      'items',
    );
    const width = config.xvector_output_dim;
    const embeddings = addLayer(target, 'feature_extractor', width, statistics, 'items');
    const logits = addLayer(target, 'classifier', width, embeddings, 'items');
    graph.output('logits', logits);
    graph.output('embeddings', embeddings);
    if (!given.has(SPEAKER_PRODUCTS)) return;
    const products = graph.add(
      'objective',
      config.num_labels,
      { kind: 'linear', x: logits, weight: OBJECTIVE, bias: undefined },
      'items',
    );
    graph.output(SPEAKER_PRODUCTS, products);
  },
};
