/** GEMM with normalised rows: every variant forced, at the edges of its tiles, with one norm and two. */
import { afterAll, describe, test } from 'vitest';
import { gemmNormName, type GemmNormSpec, productOf } from '../../kernels/gemm-norm.ts';
import { rowVariants } from '../../kernels/gemm-variants.ts';
import { inFormat } from '../../kernels/reference/encoded-weights.ts';
import { gemmNormCase, gemmNormData } from '../../kernels/reference/gemm-norm.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { WeightFormat } from '../../kernels/weight-format.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectRight } from '../helpers/kernel-expect.ts';
import { isShort } from '../helpers/test-depth.ts';
import { variantsByFormat } from '../helpers/variants-by-format.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;

/** A convolution over contiguous clips: kernel 3, stride 2. */
function convolution(weights: WeightFormat, rows: number, channels: number, inStride: number): GemmNormSpec {
  const columns = Math.ceil(channels / 4) * 4;
  return {
    rows,
    columns,
    inner: 3 * inStride,
    aRowStride: 2 * inStride,
    items: 1,
    aBatchStride: (2 * rows + 1) * inStride,
    outRowStride: columns,
    outItemStride: rows * columns,
    outOffset: 0,
    weights,
    hasBias: true,
    activation: 'gelu',
    channels,
    epsilon: 1e-5,
    secondEpsilon: undefined,
  };
}

const variants = variantsByFormat(rowVariants(capabilities), gemmNormName);

describe.each(variants)('$name', ({ variant, weights }) => {
  const random = new SeededRandom(3);
  const check = (spec: GemmNormSpec, data = gemmNormData(spec, random)) =>
    expectRight(context, gemmNormCase(spec, inFormat(productOf(spec), data), variant), JSON.stringify(spec));
  const tile = variant;

  // A pipeline each. How weights are read does not depend on it.
  const channelCounts = [
    ...(isShort && weights !== 'f32' ? [] : [2, tile.columns - 1, tile.columns]),
    tile.columns + 1,
    2 * tile.columns + 5,
  ];

  test('rows and channels around the tile', async () => {
    for (const rows of [1, tile.rows - 1, tile.rows, tile.rows + 1]) {
      for (const channels of channelCounts) {
        await check(convolution(weights, rows, channels, 12));
      }
    }
  });

  test('the sizes of a large model, twice normalised', async () => {
    await check({ ...convolution(weights, 40, 512, 512), secondEpsilon: 1e-5 });
  });

  test('clips one after another, an offset, no bias, two norms', async () => {
    const spec = convolution(weights, tile.rows + 3, 67, 20);
    const outItemStride = spec.outItemStride + 8;
    await check({ ...spec, items: 3, outItemStride, outOffset: 12, hasBias: false, secondEpsilon: 0.5 });
  });

  test('rows far from 0 and rows that are all the same', async () => {
    const spec = { ...convolution(weights, 5, 131, 8), secondEpsilon: 1e-5 };
    const data = gemmNormData(spec, random);
    await check(spec, { ...data, bias: data.bias.map((value, c) => (c < spec.channels ? 300 + value : 0)) });
    await check(spec, {
      ...data,
      a: data.a.fill(0),
      bias: data.bias.map((_, c) => (c < spec.channels ? 7 : 0)),
    });
  });
});
