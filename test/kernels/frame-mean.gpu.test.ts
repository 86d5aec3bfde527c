/** The mean over frames: ragged clips, weights, running sums. */
import { afterAll, expect, test } from 'vitest';
import type { FrameMeanSpec } from '../../kernels/frame-mean.ts';
import { frameMeanCase, frameMeanData } from '../../kernels/reference/frame-mean.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectRight } from '../helpers/kernel-expect.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;
const random = new SeededRandom(8);

test.each([
  [1, 1],
  [1, 5],
  [63, 4],
  [64, 13],
  [65, 66],
  [249, 768],
])('%i frames of %i channels', async (frames, channels) => {
  for (const weightIndex of [undefined, 0, 5]) {
    for (const hasTotal of [false, true]) {
      const spec: FrameMeanSpec = { items: 3, frames, channels, weightIndex, hasTotal };
      const data = frameMeanData(spec, [frames, 1, Math.ceil(frames / 2)], random);
      await expectRight(context, frameMeanCase(spec, data, capabilities), JSON.stringify(spec));
    }
  }
});

test('padding is not read, and a large mean keeps its digits', async () => {
  const spec: FrameMeanSpec = {
    items: 2,
    frames: 2000,
    channels: 6,
    weightIndex: undefined,
    hasTotal: false,
  };
  const data = frameMeanData(spec, [2000, 7], random, 3000);
  data.x.fill(NaN, 2007 * 8);
  await expectRight(context, frameMeanCase(spec, data, capabilities));
});

test('a count beyond the frames reads no further', async () => {
  const spec: FrameMeanSpec = { items: 2, frames: 9, channels: 4, weightIndex: undefined, hasTotal: false };
  const data = frameMeanData(spec, [9, 9], random);
  const { buffers, ...rest } = frameMeanCase(spec, data, capabilities);
  const [x, , ...others] = buffers;
  expect(x).toBeDefined();
  await expectRight(context, {
    ...rest,
    buffers: [x ?? 0, Uint32Array.of(4_000_000_000, 10), ...others],
  });
});

test('grids that spread over two dimensions', async () => {
  const narrow = { ...capabilities, limits: { ...capabilities.limits, maxComputeWorkgroupsPerDimension: 3 } };
  const spec: FrameMeanSpec = { items: 5, frames: 11, channels: 27, weightIndex: 1, hasTotal: true };
  await expectRight(context, frameMeanCase(spec, frameMeanData(spec, [11, 2, 9, 11, 1], random), narrow));
});
