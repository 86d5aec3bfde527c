/** Convolutions as GEMMs over overlapping rows, against a convolution written down directly. */
import { afterAll, describe, expect, test } from 'vitest';
import { groupStride, paddedFrames, planPosConvPack } from '../../kernels/elementwise.ts';
import { linearSpec, planGemm, type GemmSpec } from '../../kernels/gemm.ts';
import { gemmVariants } from '../../kernels/gemm-variants.ts';
import { ACTIVATION_REFERENCES } from '../../kernels/reference/activation.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import { runCall } from '../../src/gpu/run-call.ts';
import { directConv, packConvWeight, padRows } from '../helpers/direct-conv.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectClose } from '../helpers/kernel-expect.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;
const random = new SeededRandom(2);

const gemmBase = (rows: number, columns: number, inner: number): GemmSpec =>
  linearSpec({
    rows,
    columns,
    inner,
    weights: 'f32',
    hasBias: true,
    activation: 'gelu',
    hasActivation: true,
    hasResidual: false,
  });

describe.each(gemmVariants(capabilities).map((variant) => [variant.name, variant] as const))(
  '%s',
  (_, variant) => {
    test.each([
      [10, 5],
      [3, 2],
      [2, 2],
      [1, 1],
      [3, 5],
    ])('kernel %i, stride %i', async (kernel, stride) => {
      for (const [frames, inChannels, outChannels] of [
        [53, 5, 7],
        [kernel, 8, 1],
        [91, 3, 34],
      ] as const) {
        const items = 2;
        const outFrames = Math.floor((frames - kernel) / stride) + 1;
        const inStride = ceil4(inChannels);
        const x = random.normals(items * frames * inStride);
        const w = random.normals(outChannels * inChannels * kernel, 0, (inChannels * kernel) ** -0.5);
        const bias = random.normals(outChannels);
        const outStride = ceil4(outChannels);
        const spec: GemmSpec = {
          ...gemmBase(outFrames, outChannels, kernel * inStride),
          aRowStride: stride * inStride,
          items,
          aBatchStride: frames * inStride,
          outRowStride: outStride,
          outItemStride: outFrames * outStride,
          lastGroupColumns: outStride,
        };
        const actual = await runCall(context, planGemm(spec, capabilities, variant), [
          x,
          packConvWeight(w, outChannels, inChannels, kernel, inStride),
          bias,
          new Float32Array(4),
          items * outFrames * outStride,
        ]);
        const conv = {
          items,
          frames,
          inChannels,
          outChannels,
          kernel,
          stride,
          padding: 0,
          dilation: 1,
          groups: 1,
          outFrames,
        };
        const expected = directConv(conv, x, inStride, w, bias).map(ACTIVATION_REFERENCES.gelu);
        expectClose(actual, padRows(expected, outChannels), JSON.stringify(conv));
      }
    });

    test.each([
      [1, 4, 3],
      [3, 3, 4],
      [9, 2, 5],
      [48, 2, 6],
      [4, 1, 1],
      [3, 3, 16],
    ])('positional convolution: group width %i, %i groups, kernel %i', async (width, groups, kernel) => {
      const items = 2;
      const channels = width * groups;
      const stride = ceil4(channels);
      for (const frames of [1, 7, 18]) {
        const padding = Math.floor(kernel / 2);
        const pack = { items, frames, channels, groups, padding };
        const x = random.normals(items * frames * stride);
        const w = random.normals(channels * width * kernel, 0, (width * kernel) ** -0.5);
        const bias = random.normals(channels);
        const rowStride = groupStride(pack);
        const packedLength = items * groups * paddedFrames(pack) * rowStride;
        const packed = await runCall(context, planPosConvPack(pack, capabilities), [x, packedLength]);
        expect(packed.every(Number.isFinite)).toBe(true);
        const spec: GemmSpec = {
          ...gemmBase(frames, width, kernel * rowStride),
          aRowStride: rowStride,
          items,
          groups,
          aBatchStride: paddedFrames(pack) * rowStride,
          outRowStride: stride,
          outItemStride: frames * stride,
          outGroupStride: width,
          lastGroupColumns: width + stride - channels,
          hasResidual: true,
        };
        const actual = await runCall(context, planGemm(spec, capabilities, variant), [
          packed,
          packConvWeight(w, channels, width, kernel, rowStride),
          bias,
          x,
          items * frames * stride,
        ]);
        const conv = {
          items,
          frames,
          inChannels: channels,
          outChannels: channels,
          kernel,
          stride: 1,
          padding,
          dilation: 1,
          groups,
          outFrames: frames,
        };
        const activated = directConv(conv, x, stride, w, bias).map(ACTIVATION_REFERENCES.gelu);
        const expected = padRows(activated, channels).map((value, i) =>
          i % stride < channels ? value + (x[i] ?? NaN) : 0,
        );
        expectClose(actual, expected, JSON.stringify(conv));
      }
    });
  },
);
