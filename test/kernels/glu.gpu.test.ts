import { afterAll, test } from 'vitest';
import { gluCase } from '../../kernels/reference/glu.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectRight } from '../helpers/kernel-expect.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;
const random = new SeededRandom(5);

test.each([
  [1, 1],
  [3, 5],
  [17, 64],
  [65, 13],
  [29, 66],
])('%i rows of %i channels', async (rows, channels) => {
  const x = random.normals(rows * ceil4(2 * channels), 0, 4);
  await expectRight(context, gluCase({ rows, channels }, x, capabilities));
});

test('gates far from zero, and grids that spread over two dimensions', async () => {
  const narrow = { ...capabilities, limits: { ...capabilities.limits, maxComputeWorkgroupsPerDimension: 3 } };
  const x = random.normals(23 * 20, 0, 300);
  await expectRight(context, gluCase({ rows: 23, channels: 9 }, x, narrow));
});
