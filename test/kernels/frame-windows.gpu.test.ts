/** Kernels that move frames: exact where they only move numbers. */
import { afterAll, expect, test } from 'vitest';
import { poolFramesCase, unfoldFramesCase, unpoolFramesCase } from '../../kernels/reference/frame-windows.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectRight } from '../helpers/kernel-expect.ts';

const context = await openTestContext();
afterAll(() => context.release());
const random = new SeededRandom(9);

/** The adapter, and one whose dispatches hold so little that grids must spread over two dimensions. */
const adapters = [
  context.capabilities,
  {
    ...context.capabilities,
    limits: { ...context.capabilities.limits, maxComputeWorkgroupsPerDimension: 3 },
  },
];

test.each([
  [1, 1, 1, 1, 1],
  [5, 3, 3, 1, 2],
  [13, 4, 5, 1, 3],
  [29, 66, 3, 2, 4],
  [17, 7, 4, 5, 1],
])(
  'unfold_frames: %i frames of %i channels, kernel %i, stride %i, dilation %i',
  async (frames, channels, kernel, stride, dilation) => {
    const outFrames = Math.floor((frames - dilation * (kernel - 1) - 1) / stride) + 1;
    const spec = { items: 2, frames, outFrames, channels, kernel, stride, dilation };
    const x = random.normals(2 * frames * ceil4(channels));
    for (const adapter of adapters)
      await expectRight(context, unfoldFramesCase(spec, x, adapter), JSON.stringify(spec));
  },
);

test.each([
  [1, 1, 1],
  [7, 5, 2],
  [8, 64, 2],
  [29, 67, 3],
  [11, 3, 11],
])('pool_frames and unpool_frames: %i frames of %i channels, by %i', async (frames, channels, size) => {
  const pooled = Math.floor(frames / size);
  const spec = { items: 3, channels, size };
  for (const adapter of adapters) {
    await expectRight(
      context,
      poolFramesCase(
        { ...spec, frames, outFrames: pooled },
        random.normals(3 * frames * ceil4(channels), 3),
        adapter,
      ),
    );
    const rows = random.normals(3 * pooled * ceil4(size * channels));
    const apart = { ...spec, frames: pooled, outFrames: frames };
    const found = await expectRight(context, unpoolFramesCase(apart, rows, adapter));
    const start = pooled * size * ceil4(channels);
    expect(found.slice(start, frames * ceil4(channels)).every((value) => value === 0)).toBe(true);
  }
});
