/** Mean and standard deviation over frames: ragged clips, large means, padding. */
import { afterAll, expect, test } from 'vitest';
import { frameStatisticsCase } from '../../kernels/reference/frame-statistics.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectRight } from '../helpers/kernel-expect.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;
const random = new SeededRandom(8);

test.each([
  [2, 1],
  [3, 5],
  [63, 4],
  [64, 13],
  [65, 66],
  [235, 1500],
])('%i frames of %i channels', async (frames, channels) => {
  const spec = { items: 3, frames, channels };
  const x = random.normals(3 * frames * ceil4(channels));
  const counts = Uint32Array.of(frames, 2, Math.ceil((frames + 2) / 2));
  await expectRight(context, frameStatisticsCase(spec, x, counts, capabilities));
});

test('padding is not read, and a large mean costs the deviation no digits', async () => {
  const spec = { items: 2, frames: 2000, channels: 6 };
  for (const mean of [300, -3000]) {
    const x = random.normals(2 * 2000 * 8, mean);
    x.fill(NaN, 2007 * 8);
    await expectRight(context, frameStatisticsCase(spec, x, Uint32Array.of(2000, 7), capabilities));
  }
});

test('frames that are all the same have no deviation', async () => {
  const spec = { items: 1, frames: 70, channels: 4 };
  for (const constant of [0, 0.1, 1000.1]) {
    const x = new Float32Array(70 * 4).fill(constant);
    await expectRight(context, frameStatisticsCase(spec, x, Uint32Array.of(70), capabilities));
  }
});

test('a count beyond the frames reads no further', async () => {
  const spec = { items: 2, frames: 9, channels: 4 };
  const x = random.normals(2 * 9 * 4);
  const { buffers, ...rest } = frameStatisticsCase(spec, x, Uint32Array.of(9, 9), capabilities);
  const [frames, , ...others] = buffers;
  expect(frames).toBeDefined();
  await expectRight(context, {
    ...rest,
    buffers: [frames ?? 0, Uint32Array.of(4_000_000_000, 10), ...others],
  });
});

test('grids that spread over two dimensions', async () => {
  const narrow = { ...capabilities, limits: { ...capabilities.limits, maxComputeWorkgroupsPerDimension: 3 } };
  const x = random.normals(5 * 11 * 28);
  const counts = Uint32Array.of(11, 2, 9, 11, 3);
  await expectRight(context, frameStatisticsCase({ items: 5, frames: 11, channels: 27 }, x, counts, narrow));
});
