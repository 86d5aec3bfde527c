/**
 * Where TensorFlow.js has several obvious ways, each is tried on random numbers of the same shape: which is faster depends on adapter
 * and shape, and one that gives something else than the first does not count.
 */
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { relativeDifference } from '../lib/statistics.ts';
import {
  CONV_NORM_EPSILON,
  outputFrames,
  type ConvShape,
  type GroupedConvShape,
  type OpWork,
} from './array-ops.ts';
import type { HostTensor } from './engine.ts';
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
import { randomTensor } from './workloads.ts';

const TIMED_RUNS = 2;
/** Two ways that differ by more, relative to the largest, do not compute the same thing. */
const TOLERANCE = 1e-3;
const SEED = 6;

const FIRST: TfjsWays = {
  conv: () => CONV_WAYS[0],
  groupedConv: () => GROUPED_CONV_WAYS[0],
  channelNorm: () => CHANNEL_NORM_WAYS[0],
};

/** One way, ready to be tried. */
export interface Trial {
  readonly ops: Pick<TfjsOps, 'dispose'>;
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
    const { way, remark } = await fastest(tf, CONV_WAYS, convTrials(tf, shape));
    convs.set(keyOf(shape), way);
    remarks.push(`convolution ${shape.kernel}/${shape.stride} of ${shape.frames} by ${remark}`);
  }
  for (const shape of groupedConvolutions) {
    const ways = possibleGroupedWays(tf, shape);
    const { way, remark } = await fastest(tf, ways, groupedConvTrials(tf, shape));
    groupedConvs.set(keyOf(shape), way);
    remarks.push(`grouped convolution by ${remark}`);
  }
  const [firstConv] = convolutions;
  let channelNorm = CHANNEL_NORM_WAYS[0] as ChannelNormWay;
  if (firstConv !== undefined) {
    const { way, remark } = await fastest(tf, CHANNEL_NORM_WAYS, channelNormTrials(tf, firstConv));
    channelNorm = way;
    remarks.push(`group norm by ${remark}`);
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

/** The same numbers for each way. */
function convTrials(tf: Tf, shape: ConvShape): (way: ConvWay) => Trial {
  const random = new SeededRandom(SEED);
  const inner = shape.kernel * shape.inputs;
  const input = randomTensor(random, [shape.frames, shape.inputs]);
  const matrix = randomTensor(random, [inner, shape.outputs], inner ** -0.5);
  return (way) => {
    const ops = new TfjsOps(tf, { ...FIRST, conv: () => way });
    const [x, weight] = [upload(tf, input), upload(tf, matrix)];
    return { ops, tensors: [x, weight], run: () => ops.conv(x, weight, shape) };
  };
}

function groupedConvTrials(tf: Tf, shape: GroupedConvShape): (way: GroupedConvWay) => Trial {
  const { frames, channels, groups, kernel } = shape;
  const random = new SeededRandom(SEED);
  const width = channels / groups;
  const inner = kernel * width;
  const input = randomTensor(random, [frames, channels]);
  const matrices = randomTensor(random, [groups, inner, width], inner ** -0.5);
  return (way) => {
    const ops = new TfjsOps(tf, { ...FIRST, groupedConv: () => way });
    const x = upload(tf, input);
    const weight = ops.groupedWeight(upload(tf, matrices), shape);
    const weights = 'filters' in weight ? weight.filters : [weight];
    return { ops, tensors: [x, ...weights], run: () => ops.groupedConv(x, weight, shape) };
  };
}

function channelNormTrials(tf: Tf, firstConv: ConvShape): (way: ChannelNormWay) => Trial {
  const random = new SeededRandom(SEED);
  const channels = [firstConv.outputs];
  const host = [
    randomTensor(random, [outputFrames(firstConv), firstConv.outputs]),
    randomTensor(random, channels, 0.5, 1),
    randomTensor(random, channels, 0.5),
  ] as const;
  return (way) => {
    const ops = new TfjsOps(tf, { ...FIRST, channelNorm: () => way });
    const [x, gamma, beta] = [upload(tf, host[0]), upload(tf, host[1]), upload(tf, host[2])];
    return {
      ops,
      tensors: [x, gamma, beta],
      run: () => ops.channelNorm(x, gamma, beta, CONV_NORM_EPSILON),
    };
  };
}

const upload = (tf: Tf, { dims, data }: HostTensor): TfTensor => tf.tensor(data, dims);

/** All windows at once may be more than a binding holds. */
function possibleGroupedWays(
  tf: Tf,
  { frames, channels, kernel }: GroupedConvShape,
): readonly GroupedConvWay[] {
  const windowByteLength = Float32Array.BYTES_PER_ELEMENT * frames * kernel * channels;
  const isPossible = windowByteLength <= tf.backend().device.limits.maxStorageBufferBindingSize;
  return isPossible ? GROUPED_CONV_WAYS : [GROUPED_CONV_WAYS[0]];
}

/** @returns the way with the shortest run, of those that give what the first one gives, and in words what was found. */
export async function fastest<Way extends string>(
  tf: Pick<Tf, 'tidy'>,
  ways: readonly Way[],
  trialOf: (way: Way) => Trial,
): Promise<{ readonly way: Way; readonly remark: string }> {
  const timed: { readonly way: Way; readonly milliseconds: number }[] = [];
  const faults: string[] = [];
  let expected: Float32Array | undefined;
  for (const way of ways) {
    const trial = trialOf(way);
    const run = async (): Promise<Float32Array> => {
      const output = tf.tidy(() => trial.run());
      try {
        return await output.data();
      } finally {
        output.dispose();
      }
    };
    // The first run compiles.
    const found = await run();
    expected ??= found;
    const difference = relativeDifference(found, expected);
    // Nothing is better than the first where it gives NaN: its row will say so.
    if (way === ways[0] || difference <= TOLERANCE) timed.push({ way, milliseconds: await shortest(run) });
    else faults.push(`${way} differs from ${ways[0]} by ${difference.toExponential(1)} of the largest here`);
    for (const tensor of trial.tensors) tensor.dispose();
    trial.ops.dispose();
  }
  const { way } = timed.reduce((a, b) => (b.milliseconds < a.milliseconds ? b : a));
  return { way, remark: faults.length === 0 ? way : `${way} (${faults.join('; ')})` };
}

async function shortest(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < TIMED_RUNS; i++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}
