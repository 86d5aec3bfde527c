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
import { positionBias } from '../../kernels/position-bias.ts';
import { biasOf, withBias } from '../../kernels/reference/position-bias.ts';
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

/** Seeded data with biases. */
const biasedData = (spec: AttentionSpec, counts: readonly number[], queryScale?: number): AttentionData =>
  withBias(spec, attentionData(spec, counts, random, queryScale), random);

/** The same data with its bias edited. */
function edited(
  spec: AttentionSpec,
  data: AttentionData,
  edit: (gates: Float32Array, biases: Float32Array) => readonly [Float32Array, Float32Array],
): AttentionData {
  if (data.bias === undefined) throw new Error('no bias');
  return { ...data, bias: biasOf(spec, edit(...data.bias.buffers)) };
}

/** Every reach is a pipeline of each variant. Reaches end before, at and after a vec4 of distances. */
const REACHES = isSecondAdapter ? [9] : isFirstOfSeveral ? [8] : isShort ? [8, 9] : [1, 8, 9, 800];

describe.each(REACHES)('a reach of %i', (reach) => {
  const bias = positionBias(reach);
  test.each([1, 4, 7, 8, 9, 16, 17, 31, 32, 33, 67])('%i frames', async (frames) => {
    const spec = { items: 5, frames, heads: 3, headSize: 6, bias };
    // Full, half and no keys, one key, and a count past the end, which means full.
    const counts = [frames, Math.ceil(frames / 2), 0, 1, frames + 7];
    await checkAll(spec, biasedData(spec, counts));
  });
});

test('heads of the usual size, and more of them than a vec4 of gates holds', async () => {
  const spec = { items: 2, frames: 45, heads: 12, headSize: 64, bias: positionBias(9) };
  await checkAll(spec, biasedData(spec, [45, 20]));
});

test('biases far larger than the products decide alone, whatever their sign', async () => {
  const spec = { items: 2, frames: 35, heads: 2, headSize: 64, bias: positionBias(9) };
  const data = biasedData(spec, [35, 18], 1 / 64);
  // Gates of a power of two and whole biases: f32 holds such scores almost exactly, so the reference is sharp.
  const large = edited(spec, data, (gates, biases) => [
    gates.map(() => 16),
    biases.map((value) => Math.round(20 * value)),
  ]);
  await checkAll(spec, large);
});

test('what lies in the gates of an item without keys has no say', async () => {
  const spec = { items: 2, frames: 11, heads: 2, headSize: 8, bias: positionBias(9) };
  const unfit = edited(spec, biasedData(spec, [11, 0]), (gates, biases) => [
    gates.map((value, i) => (i < gates.length / 2 ? value : NaN)),
    biases,
  ]);
  await checkAll(spec, unfit);
});

test('without a bias neither gates nor biases are bound', () => {
  const spec = { items: 1, frames: 9, heads: 1, headSize: 8 };
  for (const variant of attentionVariants(spec, capabilities)) {
    const [plain, biased] = [undefined, positionBias(9)].map(
      (bias) => planAttention({ ...spec, bias }, capabilities, variant).kernel,
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
