/** Operations and bytes of every kernel, counted by hand: figures and the cuts between submits are made of them. */
import { describe, expect, test } from 'vitest';
import { attentionVariants, planAttention, planAttentionWeights } from '../../kernels/attention.ts';
import { planAttentionGates } from '../../kernels/attention-gates.ts';
import {
  planConv0GroupNorm,
  planConv0LayerNorm,
  planConv0Merge,
  planConv0Statistics,
} from '../../kernels/conv0.ts';
import { planChooseCodes } from '../../kernels/choose-codes.ts';
import { planCountCodes, planGatherCodes } from '../../kernels/codebook.ts';
import { planElementwise, planMaskFrames, planPosConvPack } from '../../kernels/elementwise.ts';
import { planFrameMean } from '../../kernels/frame-mean.ts';
import { planFrameStatistics } from '../../kernels/frame-statistics.ts';
import { planPoolFrames, planUnfoldFrames, planUnpoolFrames } from '../../kernels/frame-windows.ts';
import { planGemm } from '../../kernels/gemm.ts';
import { planGemmNorm, type GemmNormSpec } from '../../kernels/gemm-norm.ts';
import { gemmVariants, rowVariants } from '../../kernels/gemm-variants.ts';
import type { PlannedCall, Recipe } from '../../kernels/recipes.ts';
import { planGlu } from '../../kernels/glu.ts';
import { planLayerNorm } from '../../kernels/layer-norm.ts';
import { positionBias } from '../../kernels/position-bias.ts';
import { workOf } from '../../src/gpu/submit-pace.ts';
import { adapter, conv0, layerNorm, linear } from '../helpers/planned.ts';

interface Cost {
  readonly flops: number;
  readonly byteCount: number;
}

interface CostCase extends Cost {
  readonly what: string;
  readonly calls: readonly PlannedCall[];
}

const capabilities = adapter(8);

/** Two items and five groups: 10 products of 2 × 8 by 8 × 3. */
const grouped = {
  ...linear(2, 3),
  inner: 8,
  aRowStride: 12,
  items: 2,
  groups: 5,
  aBatchStride: 40,
  hasResidual: false,
};
const gemm = (what: string, change: Partial<typeof grouped>, byteCount: number): CostCase => ({
  what,
  calls: gemmVariants(capabilities).map((variant) =>
    planGemm({ ...grouped, ...change }, capabilities, variant),
  ),
  flops: 2 * 10 * 2 * 8 * 3,
  byteCount,
});
/** Float32 numbers: all rows of a, all of out. */
const GEMM_A = 10 * 2 * 8;
const GEMM_OUT = 10 * 2 * 3;

/** Two clips of 40 rows: 40 × 8 by 8 × 8. */
const normalized: GemmNormSpec = {
  ...linear(40, 8),
  inner: 8,
  aRowStride: 12,
  items: 2,
  aBatchStride: 484,
  channels: 7,
  epsilon: 1e-5,
  secondEpsilon: undefined,
};
const NORMALIZED_PRODUCT = 2 * 2 * 40 * 8 * 8;
const NORMALIZED_BYTES = 4 * (8 * 8 + 2 * 40 * 8 + 2 * 40 * 8);

/** In memory a head has 16 numbers. */
const attention = { items: 2, frames: 37, heads: 3, headSize: 14 };
/** A product and a sum for each score. Distances from −12 to 11, in whole vec4s, hold all within reach. */
const biasedAttention = { ...attention, bias: positionBias(7) };
const BIAS_FLOPS = 2 * 2 * 3 * 37 * 37;
const BIAS_NUMBERS = 2 * 37 * 3 + 3 * 24;
const clip = { ...conv0({ items: 2, sampleCount: 8_000, channels: 67 }), firstRow: 11, rows: 100 };
/** Rows and chunks of the whole clip, (8000 − 10) / 5 + 1 and of 256 rows each. */
const CLIP_ROWS = 1599;
const CLIP_CHUNKS = 7;

/** Two clips of 13 frames. */
const FRAMES = { items: 2, frames: 13, outFrames: 5, channels: 9 };

/** Seven frames, three groups of five codes. */
const CODEBOOK = { rows: 7, groups: 3, codes: 5 };

const CASES: Readonly<Record<Recipe['kind'], readonly CostCase[]>> = {
  gemm: [
    gemm('float32', {}, 4 * (15 * 8 + GEMM_A + GEMM_OUT)),
    gemm('a residual', { hasResidual: true }, 4 * (15 * 8 + GEMM_A + 2 * GEMM_OUT)),
    // Each number of a is read from memory once, however many rows it is in.
    gemm('rows that overlap', { aRowStride: 4 }, 4 * (15 * 8 + 10 * 2 * 4 + GEMM_OUT)),
    gemm('float16', { weights: 'f16' }, 15 * 8 * 2 + 4 * (GEMM_A + GEMM_OUT)),
    // Rows of whole blocks of 32, and a scale for each.
    gemm('bytes', { weights: 'q8' }, 15 * (32 + 4) + 4 * (GEMM_A + GEMM_OUT)),
    gemm('half bytes', { weights: 'q4' }, 15 * (16 + 4) + 4 * (GEMM_A + GEMM_OUT)),
  ],
  gemm_norm: [undefined, 0.5].map((secondEpsilon) => ({
    what: secondEpsilon === undefined ? 'one norm' : 'two norms',
    calls: rowVariants(capabilities).map((variant) =>
      planGemmNorm({ ...normalized, secondEpsilon }, variant),
    ),
    flops: NORMALIZED_PRODUCT + (secondEpsilon === undefined ? 1 : 2) * 8 * 2 * 40 * 7,
    byteCount: NORMALIZED_BYTES,
  })),
  attention: [
    {
      what: 'two products of queries by keys',
      calls: attentionVariants(attention, capabilities).map((variant) =>
        planAttention(attention, capabilities, variant),
      ),
      flops: 2 * (2 * 2 * 3 * 37 * 37 * 14),
      byteCount: 4 * (2 * 37 * 3 * (3 * 16 + 16)),
    },
    {
      what: 'a bias for each score, of a gate and a row of distances',
      calls: attentionVariants(biasedAttention, capabilities).map((variant) =>
        planAttention(biasedAttention, capabilities, variant),
      ),
      flops: 2 * (2 * 2 * 3 * 37 * 37 * 14) + BIAS_FLOPS,
      byteCount: 4 * (2 * 37 * 3 * (3 * 16 + 16) + BIAS_NUMBERS),
    },
  ],
  attention_weights: [
    {
      what: 'one product',
      calls: [planAttentionWeights(attention)],
      flops: 2 * 2 * 3 * 37 * 37 * 14,
      byteCount: 4 * (2 * 37 * 3 * 2 * 16 + 2 * 3 * 37 * 37),
    },
    {
      what: 'a bias for each score',
      calls: [planAttentionWeights(biasedAttention)],
      flops: 2 * 2 * 3 * 37 * 37 * 14 + BIAS_FLOPS,
      byteCount: 4 * (2 * 37 * 3 * 2 * 16 + 2 * 3 * 37 * 37 + BIAS_NUMBERS),
    },
  ],
  attention_gates: [
    {
      // Slices of 14 numbers reach over 4 vec4s, both rows of weights; then one vec4 more for each head.
      what: 'two products for each frame and head',
      calls: [planAttentionGates({ rows: 5, heads: 3, headSize: 14 }, capabilities)],
      flops: 2 * 2 * 5 * 3 * 14,
      byteCount: 4 * (5 * 44 + 5 * 4 + 3 * (2 * 16 + 4)),
    },
  ],
  layer_norm: [
    {
      what: 'x and out',
      calls: [planLayerNorm(layerNorm(3, 9), capabilities)],
      flops: 8 * 3 * 9,
      byteCount: 4 * (3 * 12) * 2,
    },
    {
      what: 'a residual',
      calls: [planLayerNorm({ ...layerNorm(3, 9), hasResidual: true }, capabilities)],
      flops: 8 * 3 * 9,
      byteCount: 4 * (3 * 12) * 3,
    },
  ],
  conv0_layer_norm: [
    {
      what: 'the rows of a tile',
      calls: [planConv0LayerNorm(clip)],
      flops: 2 * 2 * 100 * 67 * 10,
      byteCount: 4 * 2 * (100 * 5 + 100 * 68),
    },
  ],
  conv0_group_norm: [
    {
      what: 'the rows of a tile',
      calls: [planConv0GroupNorm(clip)],
      flops: 2 * 2 * 100 * 67 * 10,
      byteCount: 4 * 2 * (100 * 5 + 100 * 68),
    },
  ],
  conv0_statistics: [
    {
      what: 'all rows, whatever the tile',
      calls: [planConv0Statistics(clip)],
      flops: 2 * CLIP_ROWS * 67 * (2 * 10 + 5),
      byteCount: 4 * (2 * 8_000 + 2 * CLIP_CHUNKS * 67 * 2),
    },
  ],
  conv0_merge: [
    {
      what: 'pairs of all chunks, pairs of the channels',
      calls: [planConv0Merge(clip)],
      flops: 8 * 2 * CLIP_CHUNKS * 67,
      byteCount: 4 * 2 * (2 * CLIP_CHUNKS * 67 + 2 * 67),
    },
  ],
  elementwise: [
    { what: 'an activation', factor: undefined, addend: undefined, flops: 0, tensors: 2 },
    { what: 'a sum', factor: undefined, addend: 'rows' as const, flops: 5 * 9, tensors: 3 },
    {
      what: 'a factor and a row',
      factor: { index: 0, isByChannel: true },
      addend: 'row' as const,
      flops: 2 * 5 * 9,
      tensors: 2,
    },
  ].map(({ what, factor, addend, flops, tensors }) => ({
    what,
    calls: [
      planElementwise(
        { rows: 5, channels: 9, activation: 'gelu', hasActivation: !addend, factor, addend },
        capabilities,
      ),
    ],
    flops,
    byteCount: 4 * 5 * 12 * tensors,
  })),
  mask_frames: [
    {
      what: 'x and out',
      calls: [planMaskFrames({ frames: 3, channels: 9, replacesByFrame: false }, capabilities)],
      flops: 0,
      byteCount: 4 * 3 * 12 * 2,
    },
  ],
  pos_conv_pack: [
    {
      // Groups of 9 channels in 12 places, 7 frames and 2 on each side.
      what: 'x, and out with its zeros',
      calls: [planPosConvPack({ items: 2, frames: 7, channels: 18, groups: 2, padding: 2 }, capabilities)],
      flops: 0,
      byteCount: 4 * (2 * 7 * 18 + 2 * 2 * 11 * 12),
    },
  ],
  unfold_frames: [
    {
      what: 'x, and out with three frames a row',
      calls: [planUnfoldFrames({ ...FRAMES, kernel: 3, stride: 1, dilation: 4 }, capabilities)],
      flops: 0,
      byteCount: 4 * 2 * 12 * (13 + 5 * 3),
    },
  ],
  pool_frames: [
    {
      what: 'two frames for one, without the rest',
      calls: [planPoolFrames({ ...FRAMES, size: 2 }, capabilities)],
      flops: 2 * 5 * 2 * 9,
      byteCount: 4 * 2 * 5 * 12 * 3,
    },
  ],
  unpool_frames: [
    {
      // Rows of 18 numbers in 20 places.
      what: 'x, and out with its zeros',
      calls: [planUnpoolFrames({ ...FRAMES, frames: 5, outFrames: 13, size: 2 }, capabilities)],
      flops: 0,
      byteCount: 4 * 2 * (5 * 20 + 13 * 12),
    },
  ],
  frame_statistics: [
    {
      // Two passes of a sum each, and one of squares.
      what: 'x, and rows of 18 numbers in 20 places',
      calls: [planFrameStatistics(FRAMES, capabilities)],
      flops: 2 * 13 * 9 * 5,
      byteCount: 4 * 2 * (13 * 12 + 20),
    },
  ],
  glu: [
    {
      what: 'x of 18 channels in 20 places, and out',
      calls: [planGlu({ rows: 7, channels: 9 }, capabilities)],
      flops: 7 * 9,
      byteCount: 4 * 7 * (20 + 12),
    },
  ],
  choose_codes: [false, true].map((hasNoise) => ({
    what: hasNoise ? 'logits, noise and out' : 'logits and out',
    calls: [planChooseCodes({ ...CODEBOOK, hasNoise }, capabilities)],
    flops: 7 * 15 * (hasNoise ? 2 : 1),
    byteCount: 4 * 7 * (15 * (hasNoise ? 2 : 1) + 3),
  })),
  gather_codes: [
    {
      // Rows of 6 numbers in 8 places.
      what: 'a vector for each frame and group',
      calls: [planGatherCodes({ ...CODEBOOK, size: 2 }, capabilities)],
      flops: 0,
      byteCount: 4 * 7 * (3 + 6 + 8),
    },
  ],
  count_codes: [false, true].map((hasCounted) => ({
    what: hasCounted ? 'frames that count' : 'all frames',
    calls: [planCountCodes({ ...CODEBOOK, hasCounted }, capabilities)],
    flops: 7 * 15,
    byteCount: 4 * (7 * 3 + (hasCounted ? 7 : 0) + 15),
  })),
  frame_mean: [false, true].map((hasTotal) => ({
    what: hasTotal ? 'x, what is added to, and out' : 'x and out',
    calls: [
      planFrameMean({ items: 2, frames: 7, channels: 9, weightIndex: undefined, hasTotal }, capabilities),
    ],
    flops: 2 * 7 * 9,
    byteCount: 4 * 2 * 12 * (hasTotal ? 9 : 8),
  })),
};

describe.each(Object.entries(CASES))('%s', (kind, cases) => {
  test.each(cases)('$what: $flops operations, $byteCount bytes', ({ calls, flops, byteCount }) => {
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) {
      expect(call.recipe.kind).toBe(kind);
      expect({ flops: call.flops, byteCount: call.byteCount }, call.kernel.name).toEqual({
        flops,
        byteCount,
      });
    }
  });
});

test('a submit weighs a byte as four operations', () => {
  const [call] = CASES.elementwise[1]?.calls ?? [];
  if (call === undefined) throw new Error('no such case');
  expect(workOf(call)).toBe(45 + 4 * 720);
});
