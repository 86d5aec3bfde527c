/** The position bias of attention in every variant: reaches around the blocks, rows without keys, huge biases; and its gates. */
import { afterAll, describe, expect, test } from 'vitest';
import { attentionVariants, planAttention, type AttentionSpec } from '../../kernels/attention.ts';
import {
  attentionCase,
  attentionData,
  attentionWeightsCase,
  type AttentionData,
} from '../../kernels/reference/attention.ts';
import { attentionGatesCase, attentionGatesData } from '../../kernels/reference/attention-gates.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectRight } from '../helpers/kernel-expect.ts';
import { isFirstOfSeveral, isSecondAdapter, isShort } from '../helpers/test-depth.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;
const random = new SeededRandom(9);

async function checkAll(spec: AttentionSpec, data: AttentionData): Promise<void> {
  const what = `${JSON.stringify(spec)} counts ${data.keyCounts.join()}`;
  for (const variant of attentionVariants(spec, capabilities))
    await expectRight(context, attentionCase(spec, data, capabilities, variant), what);
  await expectRight(context, attentionWeightsCase(spec, data), what);
}

/** Every reach is a pipeline of each variant. Reaches end before, at and after a vec4 of distances. */
const REACHES = isSecondAdapter ? [9] : isFirstOfSeveral ? [8] : isShort ? [8, 9] : [1, 8, 9, 800];

describe.each(REACHES)('a reach of %i', (biasReach) => {
  test.each([1, 4, 7, 8, 9, 16, 17, 31, 32, 33, 67])('%i frames', async (frames) => {
    const spec = { items: 5, frames, heads: 3, headSize: 6, biasReach };
    // Full, half and no keys, one key, and a count past the end, which means full.
    const counts = [frames, Math.ceil(frames / 2), 0, 1, frames + 7];
    await checkAll(spec, attentionData(spec, counts, random));
  });
});

test('heads of the usual size, and more of them than a vec4 of gates holds', async () => {
  const spec = { items: 2, frames: 45, heads: 12, headSize: 64, biasReach: 9 };
  await checkAll(spec, attentionData(spec, [45, 20], random));
});

test('biases far larger than the products decide alone, whatever their sign', async () => {
  const spec = { items: 2, frames: 35, heads: 2, headSize: 64, biasReach: 9 };
  const { bias, ...data } = attentionData(spec, [35, 18], random, 1 / 64);
  const [gates, biases] = bias;
  if (gates === undefined || biases === undefined) throw new Error('no bias');
  // Gates of a power of two and whole biases: f32 holds such scores almost exactly, so the reference is sharp.
  const large: AttentionData['bias'] = [gates.map(() => 16), biases.map((value) => Math.round(20 * value))];
  await checkAll(spec, { ...data, bias: large });
});

test('what lies in the gates of an item without keys has no say', async () => {
  const spec = { items: 2, frames: 11, heads: 2, headSize: 8, biasReach: 9 };
  const { bias, ...data } = attentionData(spec, [11, 0], random);
  const [gates, biases] = bias;
  if (gates === undefined || biases === undefined) throw new Error('no bias');
  const unfit = gates.map((value, i) => (i < gates.length / 2 ? value : NaN));
  await checkAll(spec, { ...data, bias: [unfit, biases] });
});

test('without a bias neither gates nor biases are bound', () => {
  const spec = { items: 1, frames: 9, heads: 1, headSize: 8 };
  for (const variant of attentionVariants(spec, capabilities)) {
    const [plain, biased] = [undefined, 9].map(
      (biasReach) => planAttention({ ...spec, biasReach }, capabilities, variant).kernel,
    );
    expect(plain?.bindings).toEqual(['uniform', 'read', 'read', 'write']);
    expect(biased?.bindings).toEqual(['uniform', 'read', 'read', 'write', 'read', 'read']);
    expect(biased?.source).not.toBe(plain?.source);
    expect(biased?.name).not.toBe(plain?.name);
  }
});

describe('gates', () => {
  test.each([
    [1, 1],
    [1, 5],
    [3, 6],
    [4, 7],
    [5, 8],
    [12, 64],
    [16, 80],
  ])('%i heads of %i', async (heads, headSize) => {
    for (const rows of [1, 15, 17, 65]) {
      const spec = { rows, heads, headSize };
      const data = attentionGatesData(spec, random);
      await expectRight(context, attentionGatesCase(spec, data, capabilities), JSON.stringify(spec));
    }
  });

  test('sums of hundreds end at 0 and 1', async () => {
    const spec = { rows: 33, heads: 3, headSize: 6 };
    const data = attentionGatesData(spec, random);
    await expectRight(
      context,
      attentionGatesCase(spec, { ...data, x: data.x.map((value) => 500 * value) }, capabilities),
    );
  });

  test('grids that spread over two dimensions', async () => {
    const narrow = {
      ...capabilities,
      limits: { ...capabilities.limits, maxComputeWorkgroupsPerDimension: 3 },
    };
    const spec = { rows: 70, heads: 9, headSize: 3 };
    await expectRight(context, attentionGatesCase(spec, attentionGatesData(spec, random), narrow));
  });
});
