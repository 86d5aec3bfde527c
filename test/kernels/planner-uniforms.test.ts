/** Planning without a GPU: what of a spec reaches the shader's uniform block, and under which name. */
import { readdirSync, readFileSync } from 'node:fs';
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
import { chooseGemmNorm, planGemmNorm, type GemmNormSpec } from '../../kernels/gemm-norm.ts';
import { gemmVariants } from '../../kernels/gemm-variants.ts';
import type { Recipe } from '../../kernels/recipes.ts';
import { planGlu } from '../../kernels/glu.ts';
import { planLayerNorm } from '../../kernels/layer-norm.ts';
import { positionBias } from '../../kernels/position-bias.ts';
import { ceil4, packParams, type Kernel, type KernelCall } from '../../src/gpu/kernel.ts';
import { adapter, callsFor, conv0, layerNorm, linear } from '../helpers/planned.ts';

type Field = readonly [name: string, type: string];

/** The fields of the shader's own struct, in order. */
function declaredFields({ source }: Kernel): readonly Field[] {
  const [, body = ''] = /struct Params \{([^}]*)\}/.exec(source) ?? [];
  const fields = body.replace(/\/\/.*/g, '').matchAll(/(\w+)\s*:\s*([^,]+?)\s*(?:,|$)/g);
  return [...fields].map(([, name = '', type = '']) => [name, type]);
}

/** The uniform block read back by the names and types of the shader's own struct. */
function decodeParams({ kernel, params }: KernelCall): Readonly<Record<string, number>> {
  const fields = declaredFields(kernel);
  const words = packParams(params);
  expect(fields.length, kernel.name).toBeGreaterThan(0);
  expect(words.length, `${kernel.name}: words of the uniform block`).toBe(ceil4(fields.length));
  const floats = new Float32Array(words.buffer);
  return Object.fromEntries(
    fields.map(([name, type], i) => [name, (type === 'f32' ? floats[i] : words[i]) ?? NaN]),
  );
}

/** Every kernel of the self-test; a new one that is not in this list does not compile. */
const KINDS: Readonly<Record<Recipe['kind'], true>> = {
  gemm: true,
  gemm_norm: true,
  layer_norm: true,
  attention: true,
  attention_weights: true,
  attention_gates: true,
  conv0_layer_norm: true,
  conv0_group_norm: true,
  conv0_statistics: true,
  conv0_merge: true,
  elementwise: true,
  mask_frames: true,
  pos_conv_pack: true,
  frame_mean: true,
  frame_statistics: true,
  glu: true,
  unfold_frames: true,
  pool_frames: true,
  unpool_frames: true,
  choose_codes: true,
  gather_codes: true,
  count_codes: true,
};

describe('the fields of a call are those of the struct of its shader, in order and of the same types', () => {
  const calls = [4, 8, 32, undefined]
    .map(adapter)
    .flatMap((capabilities) => callsFor(capabilities, 1, 36, 30));

  test('every kernel', () => {
    expect(new Set(calls.map(({ recipe }) => recipe.kind))).toEqual(new Set(Object.keys(KINDS)));
    for (const { kernel, params } of calls) {
      const given = Object.entries(params).map(([name, value]): Field => {
        if (typeof value === 'number') expect(value, `${kernel.name}: ${name}`).toSatisfy(isUint32);
        return [name, typeof value === 'number' ? 'u32' : 'f32'];
      });
      expect(given, kernel.name).toEqual(declaredFields(kernel));
    }
  });

  test('every shader file that declares a struct was compared', () => {
    const sources = new Set(calls.map(({ kernel }) => kernel.source));
    const folder = new URL('../../shaders/', import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith('.wgsl'));
    const declaring = files.filter((name) =>
      readFileSync(new URL(name, folder), 'utf8').includes('struct Params {'),
    );
    expect(declaring.length).toBeGreaterThan(8);
    for (const name of declaring) {
      const text = readFileSync(new URL(name, folder), 'utf8');
      expect(
        [...sources].some((source) => source.includes(text)),
        name,
      ).toBe(true);
    }
  });
});

/** What a u32 field holds without loss. */
const isUint32 = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 32;

describe('uniforms reach the shader under the right name', () => {
  const capabilities = adapter(4);

  test('gemm', () => {
    const spec = {
      ...linear(2, 3),
      inner: 8,
      aRowStride: 12,
      items: 2,
      groups: 5,
      aBatchStride: 40,
      outRowStride: 17,
      outItemStride: 70,
      outGroupStride: 4,
      outOffset: 9,
      lastGroupColumns: 6,
      hasBias: false,
      hasResidual: true,
    };
    for (const variant of gemmVariants(capabilities)) {
      expect(decodeParams(planGemm(spec, capabilities, variant))).toEqual({
        row_count: 2,
        column_count: 3,
        last_group_column_count: 6,
        inner4: 2,
        group_count: 5,
        a_row_stride4: 3,
        a_batch_stride4: 10,
        w_row_stride4: 2,
        w_scales_start: 120,
        out_offset: 9,
        out_row_stride: 17,
        out_item_stride: 70,
        out_group_stride: 4,
        has_bias: 0,
        has_activation: 1,
        has_residual: 1,
        norm_channel_count: 0,
        norm_epsilon: 0,
        has_second_norm: 0,
        second_norm_epsilon: 0,
      });
    }
  });

  test('gemm with normalised rows', () => {
    const spec: GemmNormSpec = {
      rows: 40,
      columns: 8,
      inner: 8,
      aRowStride: 12,
      items: 2,
      aBatchStride: 484,
      outRowStride: 8,
      outItemStride: 320,
      outOffset: 9,
      weights: 'f32',
      hasBias: true,
      activation: 'gelu',
      channels: 7,
      epsilon: 0.25,
      secondEpsilon: 0.5,
    };
    const variant = chooseGemmNorm(spec.weights, capabilities);
    if (variant === undefined) throw new Error('no variant is trusted');
    const call = planGemmNorm(spec, variant);
    expect(call.workgroups).toEqual([1, Math.ceil(40 / variant.rows), 2]);
    expect(decodeParams(call)).toEqual({
      row_count: 40,
      column_count: 8,
      last_group_column_count: 8,
      inner4: 2,
      group_count: 1,
      a_row_stride4: 3,
      a_batch_stride4: 121,
      w_row_stride4: 2,
      w_scales_start: 64,
      out_offset: 9,
      out_row_stride: 8,
      out_item_stride: 320,
      out_group_stride: 0,
      has_bias: 1,
      has_activation: 0,
      has_residual: 0,
      norm_channel_count: 7,
      norm_epsilon: 0.25,
      has_second_norm: 1,
      second_norm_epsilon: 0.5,
    });
    const once = planGemmNorm({ ...spec, secondEpsilon: undefined }, variant);
    expect(decodeParams(once).has_second_norm).toBe(0);
  });

  test('layer norm', () => {
    const spec = { ...layerNorm(3, 9), epsilon: 0.25, hasActivation: true, outOffset: 7 };
    expect(decodeParams(planLayerNorm(spec, capabilities))).toEqual({
      row_count: 3,
      channel_count: 9,
      channel_stride: 12,
      epsilon: 0.25,
      has_residual: 0,
      has_affine: 1,
      has_activation: 1,
      out_offset: 7,
    });
  });

  test('the first convolution', () => {
    const spec = { ...conv0({ channels: 5, sampleCount: 8_000, epsilon: 0.5 }), firstRow: 11, rows: 300 };
    const tile = {
      sample_count: 8_000,
      audio_stride: 8_000,
      first_sample: 55,
      row_count: 300,
      channel_stride: 8,
    };
    expect(decodeParams(planConv0GroupNorm(spec))).toEqual(tile);
    expect(decodeParams(planConv0LayerNorm(spec))).toEqual({ ...tile, epsilon: 0.5, one: 1 });
    expect(decodeParams(planConv0Statistics(spec))).toEqual({
      sample_count: 8_000,
      audio_stride: 8_000,
      row_count: 1599,
    });
    expect(decodeParams(planConv0Merge(spec))).toEqual({ row_count: 1599, chunk_count: 7, epsilon: 0.5 });
  });

  test('attention', () => {
    const spec = { items: 2, frames: 37, heads: 3, headSize: 16 };
    const params = { frame_count: 37, head_count: 3, scale: 0.25, head_quads: 4 };
    for (const bias of [undefined, positionBias(9)]) {
      const biased = { ...spec, bias };
      for (const variant of attentionVariants(biased, capabilities)) {
        expect(decodeParams(planAttention(biased, capabilities, variant))).toEqual(params);
      }
      expect(decodeParams(planAttentionWeights(biased))).toEqual(params);
    }
  });

  test('gates of a position bias: slices of heads that begin within a vec4 reach over one more', () => {
    const params = { number_count: 28, head_count: 3, out_stride: 4 };
    expect(decodeParams(planAttentionGates({ rows: 7, heads: 3, headSize: 6 }, capabilities))).toEqual({
      ...params,
      head_size: 6,
      slice_quads: 2,
      channel_quads: 5,
    });
    expect(decodeParams(planAttentionGates({ rows: 7, heads: 3, headSize: 7 }, capabilities))).toEqual({
      ...params,
      head_size: 7,
      slice_quads: 3,
      channel_quads: 6,
    });
    expect(decodeParams(planAttentionGates({ rows: 7, heads: 3, headSize: 8 }, capabilities))).toEqual({
      ...params,
      head_size: 8,
      slice_quads: 2,
      channel_quads: 6,
    });
  });

  test('the codebook', () => {
    const spec = { rows: 7, groups: 3, codes: 5 };
    const params = { group_count: 3, code_count: 5 };
    for (const flag of [false, true]) {
      expect(decodeParams(planChooseCodes({ ...spec, hasNoise: flag }, capabilities))).toEqual({
        ...params,
        row_count: 7,
        row_stride: 16,
        out_stride: 4,
        has_noise: Number(flag),
        marks_nan: 0,
      });
      expect(decodeParams(planCountCodes({ ...spec, hasCounted: flag }, capabilities))).toEqual({
        ...params,
        row_count: 7,
        chosen_stride: 4,
        has_counted: Number(flag),
      });
    }
    const tokens = { ...spec, hasNoise: false, marksNaN: true, outStride: 1 };
    expect(decodeParams(planChooseCodes(tokens, capabilities))).toMatchObject({
      out_stride: 1,
      marks_nan: 1,
    });
    expect(decodeParams(planGatherCodes({ ...spec, size: 2 }, capabilities))).toEqual({
      ...params,
      number_count: 7 * 8,
      size: 2,
      chosen_stride: 4,
      out_stride: 8,
    });
  });

  test('the mean over frames', () => {
    const spec = { items: 2, frames: 7, channels: 9, weightIndex: 5, hasTotal: false };
    const params = {
      quad_count: 6,
      frame_count: 7,
      channel_quads: 3,
      weight_index: 5,
      has_weight: 1,
      has_total: 0,
    };
    expect(decodeParams(planFrameMean(spec, capabilities))).toEqual(params);
    const plain = { ...spec, weightIndex: undefined, hasTotal: true };
    expect(decodeParams(planFrameMean(plain, capabilities))).toEqual({
      ...params,
      weight_index: 0,
      has_weight: 0,
      has_total: 1,
    });
  });

  test('frames side by side, pooled, and apart again', () => {
    const spec = { items: 2, frames: 13, outFrames: 5, channels: 9 };
    const unfold = planUnfoldFrames({ ...spec, kernel: 3, stride: 2, dilation: 2 }, capabilities);
    expect(decodeParams(unfold)).toEqual({
      quad_count: 2 * 5 * 3 * 3,
      frame_count: 13,
      out_frame_count: 5,
      channel_quads: 3,
      tap_count: 3,
      stride: 2,
      dilation: 2,
    });
    expect(decodeParams(planPoolFrames({ ...spec, size: 2 }, capabilities))).toEqual({
      quad_count: 2 * 5 * 3,
      frame_count: 13,
      out_frame_count: 5,
      channel_quads: 3,
      size: 2,
    });
    const apart = { items: 2, frames: 5, outFrames: 13, channels: 9, size: 2 };
    expect(decodeParams(planUnpoolFrames(apart, capabilities))).toEqual({
      quad_count: 2 * 13 * 3,
      pooled_frame_count: 5,
      frame_count: 13,
      channel_count: 9,
      channel_quads: 3,
      size: 2,
      x_stride: 20,
    });
  });

  test('statistics of frames, and a gated linear unit', () => {
    const statistics = planFrameStatistics({ items: 2, frames: 7, channels: 9 }, capabilities);
    expect(decodeParams(statistics)).toEqual({
      quad_count: 6,
      frame_count: 7,
      channel_count: 9,
      channel_quads: 3,
      out_stride: 20,
    });
    expect(decodeParams(planGlu({ rows: 7, channels: 9 }, capabilities))).toEqual({
      quad_count: 21,
      channel_count: 9,
      channel_quads: 3,
      x_stride: 20,
    });
  });

  test('elementwise', () => {
    const sum = {
      rows: 5,
      channels: 9,
      activation: 'relu',
      hasActivation: false,
      factor: undefined,
      addend: 'rows',
    } as const;
    const params = {
      quad_count: 15,
      channel_count: 9,
      channel_quads: 3,
      has_activation: 0,
      has_factor: 0,
      factor_index: 0,
      factor_step: 0,
      has_addend: 1,
      addend_quads: 15,
    };
    expect(decodeParams(planElementwise(sum, capabilities))).toEqual(params);
    const activated = { ...sum, hasActivation: true, addend: undefined };
    expect(decodeParams(planElementwise(activated, capabilities))).toEqual({
      ...params,
      has_activation: 1,
      has_addend: 0,
    });
    for (const isByChannel of [false, true]) {
      const scaled = { ...sum, factor: { index: 7, isByChannel }, addend: 'row' } as const;
      expect(decodeParams(planElementwise(scaled, capabilities))).toEqual({
        ...params,
        has_factor: 1,
        factor_index: 7,
        factor_step: Number(isByChannel),
        addend_quads: 3,
      });
    }
    for (const [replacesByFrame, replacement_quads] of [
      [false, 3],
      [true, 9],
    ] as const) {
      const masked = planMaskFrames({ frames: 3, channels: 9, replacesByFrame }, capabilities);
      expect(decodeParams(masked)).toEqual({ quad_count: 9, channel_quads: 3, replacement_quads });
    }
    const pack = { items: 2, frames: 7, channels: 18, groups: 2, padding: 2 };
    expect(decodeParams(planPosConvPack(pack, capabilities))).toEqual({
      quad_count: 2 * 2 * 11 * 3,
      frame_count: 7,
      padded_frame_count: 11,
      left_padding: 2,
      group_count: 2,
      group_channels: 9,
      group_quads: 3,
      channel_stride: 20,
    });
  });
});
