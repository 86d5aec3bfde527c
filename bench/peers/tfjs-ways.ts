/** Where TensorFlow.js has several obvious ways, each is timed on zeros of the same shape: which is faster depends on adapter and shape. */
import {
  CONV_NORM_EPSILON,
  outputFrames,
  type ConvShape,
  type GroupedConvShape,
  type OpWork,
} from './array-ops.ts';
import type { Tf, TfTensor } from './tfjs-api.ts';
import {
  CHANNEL_NORM_WAYS,
  CONV_WAYS,
  GROUPED_CONV_WAYS,
  TfjsOps,
  type ChannelNormWay,
  type ConvWay,
  type GroupedConvWay,
  type TfjsWays,
} from './tfjs-ops.ts';

const TIMED_RUNS = 2;

const FIRST: TfjsWays = {
  conv: () => CONV_WAYS[0],
  groupedConv: () => GROUPED_CONV_WAYS[0],
  channelNorm: () => CHANNEL_NORM_WAYS[0],
};

/** One way, ready to be timed. */
interface Trial {
  readonly ops: TfjsOps;
  readonly tensors: readonly TfTensor[];
  run(): TfTensor;
}

export async function fastestWays(
  tf: Tf,
  { convolutions, groupedConvolutions }: OpWork,
): Promise<{ readonly ways: TfjsWays; readonly remark: string }> {
  const convs = new Map<string, ConvWay>();
  const groupedConvs = new Map<string, GroupedConvWay>();
  const remarks: string[] = [];
  for (const shape of convolutions) {
    const way = await fastest(tf, CONV_WAYS, (candidate) => convTrial(tf, candidate, shape));
    convs.set(keyOf(shape), way);
    remarks.push(`convolution ${shape.kernel}/${shape.stride} of ${shape.frames} by ${way}`);
  }
  for (const shape of groupedConvolutions) {
    const way = await fastest(tf, possibleGroupedWays(tf, shape), (candidate) =>
      groupedConvTrial(tf, candidate, shape),
    );
    groupedConvs.set(keyOf(shape), way);
    remarks.push(`grouped convolution by ${way}`);
  }
  const [firstConv] = convolutions;
  let channelNorm = CHANNEL_NORM_WAYS[0] as ChannelNormWay;
  if (firstConv !== undefined) {
    channelNorm = await fastest(tf, CHANNEL_NORM_WAYS, (way) => channelNormTrial(tf, way, firstConv));
    remarks.push(`group norm by ${channelNorm}`);
  }
  return {
    ways: {
      conv: (shape) => convs.get(keyOf(shape)) ?? FIRST.conv(shape),
      groupedConv: (shape) => groupedConvs.get(keyOf(shape)) ?? FIRST.groupedConv(shape),
      channelNorm: () => channelNorm,
    },
    remark: remarks.join(', '),
  };
}

const keyOf = (shape: ConvShape | GroupedConvShape): string => JSON.stringify(Object.entries(shape).sort());

function convTrial(tf: Tf, way: ConvWay, shape: ConvShape): Trial {
  const ops = new TfjsOps(tf, { ...FIRST, conv: () => way });
  const x = tf.zeros([shape.frames, shape.inputs]);
  const weight = tf.zeros([shape.kernel * shape.inputs, shape.outputs]);
  return { ops, tensors: [x, weight], run: () => ops.conv(x, weight, shape) };
}

function groupedConvTrial(tf: Tf, way: GroupedConvWay, shape: GroupedConvShape): Trial {
  const { frames, channels, groups, kernel } = shape;
  const width = channels / groups;
  const ops = new TfjsOps(tf, { ...FIRST, groupedConv: () => way });
  const x = tf.zeros([frames, channels]);
  const weight = ops.groupedWeight(tf.zeros([groups, kernel * width, width]), shape);
  const weights = 'filters' in weight ? weight.filters : [weight];
  return { ops, tensors: [x, ...weights], run: () => ops.groupedConv(x, weight, shape) };
}

function channelNormTrial(tf: Tf, way: ChannelNormWay, firstConv: ConvShape): Trial {
  const ops = new TfjsOps(tf, { ...FIRST, channelNorm: () => way });
  const x = tf.zeros([outputFrames(firstConv), firstConv.outputs]);
  const [gamma, beta] = [tf.zeros([firstConv.outputs]), tf.zeros([firstConv.outputs])];
  return {
    ops,
    tensors: [x, gamma, beta],
    run: () => ops.channelNorm(x, gamma, beta, CONV_NORM_EPSILON),
  };
}

/** All windows at once may be more than a binding holds. */
function possibleGroupedWays(
  tf: Tf,
  { frames, channels, kernel }: GroupedConvShape,
): readonly GroupedConvWay[] {
  const windowByteLength = Float32Array.BYTES_PER_ELEMENT * frames * kernel * channels;
  const isPossible = windowByteLength <= tf.backend().device.limits.maxStorageBufferBindingSize;
  return isPossible ? GROUPED_CONV_WAYS : [GROUPED_CONV_WAYS[0]];
}

async function fastest<Way>(tf: Tf, ways: readonly Way[], trialOf: (way: Way) => Trial): Promise<Way> {
  const timed: { readonly way: Way; readonly milliseconds: number }[] = [];
  for (const way of ways) {
    const trial = trialOf(way);
    const times: number[] = [];
    // The first run compiles.
    for (let i = 0; i <= TIMED_RUNS; i++) {
      const start = performance.now();
      const output = tf.tidy(() => trial.run());
      await output.data();
      output.dispose();
      if (i > 0) times.push(performance.now() - start);
    }
    for (const tensor of trial.tensors) tensor.dispose();
    trial.ops.dispose();
    timed.push({ way, milliseconds: Math.min(...times) });
  }
  const best = timed.reduce((a, b) => (b.milliseconds < a.milliseconds ? b : a));
  return best.way;
}
