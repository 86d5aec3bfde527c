import { afterAll, expect, test } from 'vitest';
import { planLayerNorm, type LayerNormSpec } from '../../kernels/layer-norm.ts';
import { layerNormCase, layerNormData } from '../../kernels/reference/layer-norm.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectRight } from '../helpers/kernel-expect.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;
const random = new SeededRandom(3);

const spec = (rows: number, channels: number, options: Partial<LayerNormSpec> = {}): LayerNormSpec => ({
  rows,
  channels,
  epsilon: 1e-5,
  hasResidual: false,
  hasAffine: true,
  activation: 'gelu',
  hasActivation: false,
  outOffset: 0,
  ...options,
});

test.each([1, 2, 3, 63, 64, 65, 131, 768])('%i channels', async (channels) => {
  for (const rows of [1, 5]) {
    for (const options of [
      {},
      { hasResidual: true },
      { hasActivation: true, outOffset: 12 },
      { hasAffine: false, hasActivation: true },
    ]) {
      const shape = spec(rows, channels, options);
      await expectRight(
        context,
        layerNormCase(shape, layerNormData(shape, random), capabilities),
        JSON.stringify(shape),
      );
    }
  }
});

test('a mean far above the deviation', async () => {
  for (const mean of [1000, -30000]) {
    for (const channels of [64, 67, 768]) {
      const shape = spec(3, channels);
      await expectRight(
        context,
        layerNormCase(shape, layerNormData(shape, random, mean), capabilities),
        `mean ${mean}`,
      );
    }
  }
});

test('constant rows give beta', async () => {
  const shape = spec(2, 67);
  for (const constant of [0, 0.1, 1000.1, -3e8]) {
    const data = { ...layerNormData(shape, random), x: new Float32Array(2 * 68).fill(constant) };
    await expectRight(context, layerNormCase(shape, data, capabilities), `constant ${constant}`);
  }
});

test('epsilon counts', async () => {
  const shape = spec(2, 9, { epsilon: 0.5 });
  await expectRight(context, layerNormCase(shape, layerNormData(shape, random), capabilities));
});

test('more rows than one dimension of a dispatch holds', async () => {
  const many = planLayerNorm(spec(65_537, 3), capabilities);
  expect(many.workgroups).toEqual([65_535, 2, 1]);
  // The same grid, small: a software adapter takes seconds for that many rows.
  const narrow = { ...capabilities, limits: { ...capabilities.limits, maxComputeWorkgroupsPerDimension: 7 } };
  const shape = spec(23, 3);
  await expectRight(context, layerNormCase(shape, layerNormData(shape, random), narrow));
});
