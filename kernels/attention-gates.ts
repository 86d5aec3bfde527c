/** The gates of the position bias (WavLM): for each frame and head, how much of the bias its query takes. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, prelude, type RecipeCall } from '../src/gpu/kernel.ts';
import gatesSource from '../shaders/attention_gates.wgsl';
import { spreadWorkgroups } from './spread.ts';

export interface HeadSlices {
  readonly heads: number;
  readonly headSize: number;
}

export interface AttentionGatesSpec extends HeadSlices {
  /** Frames of all items together. */
  readonly rows: number;
}

export interface AttentionGatesRecipe {
  readonly kind: 'attention_gates';
}

const THREAD_COUNT = 64;

/** The most vec4s of a row of x that a head has a part of. */
function sliceQuads({ heads, headSize }: HeadSlices): number {
  const counts = Array.from(
    { length: heads },
    (_, head) => Math.ceil(((head + 1) * headSize) / 4) - Math.floor((head * headSize) / 4),
  );
  return Math.max(...counts);
}

/** Numbers of each head in the weights. */
const headLength = (slices: HeadSlices): number => 4 * (2 * sliceQuads(slices) + 1);

export const gateWeightCount = (slices: HeadSlices): number => slices.heads * headLength(slices);

/** Parameters of the gates: two rows of weights and their biases, which all heads share, and a constant of each head. */
export interface GateParameters {
  /** [2][head size] */
  readonly weights: ArrayLike<number>;
  readonly biases: ArrayLike<number>;
  readonly constants: ArrayLike<number>;
}

/** Writes the parameters into `packed`, zeros before, in the layout of the kernel (`shaders/attention_gates.wgsl`). */
export function packGateWeights(
  slices: HeadSlices,
  { weights, biases, constants }: GateParameters,
  packed: Float32Array,
): void {
  const { heads, headSize } = slices;
  const length = headLength(slices);
  for (let head = 0; head < heads; head++) {
    const start = head * length;
    const firstChannel = head * headSize;
    for (let i = 0; i < 2 * headSize; i++) {
      const part = Math.floor(i / headSize);
      const place = (firstChannel % 4) + (i % headSize);
      packed[start + 8 * Math.floor(place / 4) + 4 * part + (place % 4)] = weights[i] ?? 0;
    }
    packed.set([biases[0] ?? 0, biases[1] ?? 0, constants[head] ?? 0], start + length - 4);
  }
}

/** Buffers in binding order: x, weights, out. */
export function planAttentionGates(
  spec: AttentionGatesSpec,
  { limits }: GpuCapabilities,
): RecipeCall<AttentionGatesRecipe> {
  const channelStride = ceil4(spec.heads * spec.headSize);
  const outStride = ceil4(spec.heads);
  const numberCount = spec.rows * outStride;
  return {
    kernel: {
      name: 'attention_gates',
      source: prelude({ THREAD_COUNT }) + gatesSource,
      bindings: ['uniform', 'read', 'read', 'write'],
    },
    recipe: { kind: 'attention_gates' },
    workgroups: spreadWorkgroups(
      Math.ceil(numberCount / THREAD_COUNT),
      limits.maxComputeWorkgroupsPerDimension,
    ),
    params: {
      number_count: numberCount,
      head_count: spec.heads,
      head_size: spec.headSize,
      slice_quads: sliceQuads(spec),
      channel_quads: channelStride / 4,
      out_stride: outStride,
    },
    flops: 4 * spec.rows * spec.heads * spec.headSize,
    byteCount: 4 * (spec.rows * (channelStride + outStride) + gateWeightCount(spec)),
  };
}
