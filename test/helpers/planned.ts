/** Adapters and specs for tests that plan kernels without a GPU. */
import type { ACTIVATIONS } from '../../kernels/activation.ts';
import { attentionVariants, planAttention, planAttentionWeights } from '../../kernels/attention.ts';
import { planAttentionGates } from '../../kernels/attention-gates.ts';
import {
  conv0RowCount,
  planConv0GroupNorm,
  planConv0LayerNorm,
  planConv0Merge,
  planConv0Statistics,
  type Conv0Spec,
} from '../../kernels/conv0.ts';
import { planChooseCodes, type CodebookSpec } from '../../kernels/choose-codes.ts';
import { planCountCodes, planGatherCodes } from '../../kernels/codebook.ts';
import { planElementwise, planMaskFrames, planPosConvPack } from '../../kernels/elementwise.ts';
import { planFrameMean } from '../../kernels/frame-mean.ts';
import {
  planPoolFrames,
  planUnfoldFrames,
  planUnpoolFrames,
  type FrameMoveSpec,
} from '../../kernels/frame-windows.ts';
import { planFrameStatistics } from '../../kernels/frame-statistics.ts';
import { linearSpec, planGemm, type GemmSpec } from '../../kernels/gemm.ts';
import { planGemmNorm } from '../../kernels/gemm-norm.ts';
import { gemmVariants, rowVariants } from '../../kernels/gemm-variants.ts';
import type { PlannedCall } from '../../kernels/recipes.ts';
import { planGlu } from '../../kernels/glu.ts';
import { planLayerNorm, type LayerNormSpec } from '../../kernels/layer-norm.ts';
import type { WeightFormat } from '../../kernels/weight-format.ts';
import { positionBias } from '../../kernels/position-bias.ts';
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';

/** The least that WebGPU promises, with subgroups of some width or without; up to eight lanes are a software adapter's. */
export const adapter = (subgroupSize: number | undefined): GpuCapabilities => ({
  adapter: 'planned',
  subgroupSize,
  isSoftware: subgroupSize !== undefined && subgroupSize <= 8,
  timestamps: false,
  limits: {
    maxBufferSize: 2 ** 28,
    maxStorageBufferBindingSize: 2 ** 27,
    maxComputeWorkgroupStorageSize: 16_384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65_535,
  },
});

export const linear = (
  rows: number,
  columns: number,
  activation: (typeof ACTIVATIONS)[number] = 'gelu',
  weights: WeightFormat = 'f32',
): GemmSpec =>
  linearSpec({
    rows,
    columns,
    inner: 768,
    weights,
    hasBias: true,
    activation,
    hasActivation: true,
    hasResidual: false,
  });

export const conv0 = (options: Partial<Conv0Spec>): Conv0Spec => {
  const spec: Conv0Spec = {
    items: 1,
    sampleCount: 16_000,
    channels: 512,
    kernel: 10,
    stride: 5,
    hasBias: false,
    activation: 'gelu',
    epsilon: 1e-5,
    firstRow: 0,
    rows: 0,
    ...options,
  };
  return { ...spec, rows: conv0RowCount(spec) };
};

export const layerNorm = (
  rows: number,
  channels: number,
  activation: (typeof ACTIVATIONS)[number] = 'gelu',
): LayerNormSpec => ({
  rows,
  channels,
  epsilon: 1e-5,
  hasResidual: false,
  hasAffine: true,
  activation,
  hasActivation: false,
  outOffset: 0,
});

/** Calls as large as those of a model for a clip, every kernel in every variant; conv 1 has the most rows of the GEMMs: 1600 a second. */
export function callsFor(
  capabilities: GpuCapabilities,
  seconds: number,
  channels: number,
  headSize: number,
): readonly PlannedCall[] {
  const frames = seconds * 50;
  const heads = Math.ceil(channels / headSize);
  const attention = { items: 2, frames, heads, headSize };
  const normalized = {
    ...linear(32 * frames, channels),
    aBatchStride: 0,
    channels,
    epsilon: 1e-5,
    secondEpsilon: undefined,
  };
  const calls: PlannedCall[] = [
    ...gemmVariants(capabilities).map((variant) =>
      planGemm(linear(32 * frames, channels), capabilities, variant),
    ),
    ...rowVariants(capabilities).map((variant) => planGemmNorm(normalized, variant)),
    ...[undefined, positionBias(800)].flatMap((bias) => [
      ...attentionVariants(attention, capabilities).map((variant) =>
        planAttention({ ...attention, bias }, capabilities, variant),
      ),
      planAttentionWeights({ ...attention, items: 1, bias }),
    ]),
    planAttentionGates({ rows: 320 * frames, heads, headSize }, capabilities),
    planLayerNorm(layerNorm(320 * frames, channels), capabilities),
    planElementwise(
      {
        rows: 320 * frames,
        channels,
        activation: 'gelu',
        hasActivation: true,
        factor: { index: 0, isByChannel: true },
        addend: 'rows',
      },
      capabilities,
    ),
    planMaskFrames({ frames: 320 * frames, channels, replacesByFrame: true }, capabilities),
    planPosConvPack({ items: 2, frames: 16 * frames, channels, groups: 1, padding: 64 }, capabilities),
    ...codebookCalls({ rows: 320 * frames, groups: 2, codes: channels }, capabilities),
    planFrameMean({ items: 2, frames, channels, weightIndex: 1, hasTotal: true }, capabilities),
    planFrameStatistics({ items: 2, frames, channels }, capabilities),
    planGlu({ rows: 320 * frames, channels }, capabilities),
    ...frameWindowCalls({ items: 2, frames: 16 * frames, outFrames: 8 * frames - 8, channels }, capabilities),
  ];
  for (const hasBias of [false, true]) {
    for (const [kernel, stride] of [
      [10, 5],
      [3, 1],
      [100, 80],
    ] as const) {
      const spec = conv0({ items: 2, sampleCount: 16_000 * seconds, channels, kernel, stride, hasBias });
      calls.push(
        planConv0LayerNorm(spec),
        planConv0GroupNorm(spec),
        planConv0Statistics(spec),
        planConv0Merge(spec),
      );
    }
  }
  return calls;
}

const frameWindowCalls = (spec: FrameMoveSpec, capabilities: GpuCapabilities): readonly PlannedCall[] => [
  planUnfoldFrames({ ...spec, kernel: 3, stride: 2, dilation: 3 }, capabilities),
  planPoolFrames({ ...spec, size: 2 }, capabilities),
  planUnpoolFrames({ ...spec, size: 2 }, capabilities),
];

const codebookCalls = (spec: CodebookSpec, capabilities: GpuCapabilities): readonly PlannedCall[] => [
  planChooseCodes({ ...spec, hasNoise: true }, capabilities),
  planGatherCodes({ ...spec, size: 128 }, capabilities),
  planCountCodes({ ...spec, hasCounted: true }, capabilities),
];
