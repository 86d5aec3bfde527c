/** Attention: every variant, head sizes and frame counts around the blocks, masked keys, huge scores. */
import { afterAll, describe, expect, test } from 'vitest';
import { attentionVariantName, attentionVariants, type AttentionSpec } from '../../kernels/attention.ts';
import {
  attentionCase,
  attentionData,
  attentionWeightsCase,
  type AttentionData,
} from '../../kernels/reference/attention.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { runCall } from '../../src/gpu/run-call.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectRight } from '../helpers/kernel-expect.ts';
import { isSecondAdapter, isShort } from '../helpers/test-depth.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;
const random = new SeededRandom(5);

/** Every variant, and the weights. */
async function checkAll(spec: AttentionSpec, data: AttentionData): Promise<void> {
  const what = `${JSON.stringify(spec)} counts ${data.keyCounts.join()}`;
  for (const variant of attentionVariants(spec, capabilities)) {
    await expectRight(context, attentionCase(spec, data, capabilities, variant), what);
  }
  const weights = await expectRight(context, attentionWeightsCase(spec, data), what);
  for (let row = 0; row < spec.items * spec.heads * spec.frames; row++) {
    const sum = weights.subarray(row * spec.frames, (row + 1) * spec.frames).reduce((x, y) => x + y, 0);
    expect(Math.abs(sum - 1), `${what}: sum of row ${row}`).toBeLessThan(1e-5);
  }
}

/** Full, half and no keys, one key, and a count past the end, which means full. */
const countsFor = (frames: number): readonly number[] => [frames, Math.ceil(frames / 2), 0, 1, frames + 7];

/** Every head size is a pipeline of each variant: one number, vec4s that are full or not, those of models, and more than a block holds. */
const HEAD_SIZES = isSecondAdapter
  ? [5, 260]
  : isShort
    ? [1, 5, 64, 80, 260]
    : [1, 5, 6, 32, 64, 80, 128, 260];

describe.each(HEAD_SIZES)('head size %i', (headSize) => {
  // Blocks are 32 or 16 queries of a workgroup, 4 of a thread, and 32 or 8 keys.
  test.each([1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 67])('%i frames', async (frames) => {
    const spec = { items: 5, frames, heads: headSize > 64 ? 1 : 3, headSize };
    await checkAll(spec, attentionData(spec, countsFor(frames), random));
  });
});

test('many keys in one row', async () => {
  const spec = { items: 2, frames: 131, heads: 1, headSize: 64 };
  await checkAll(spec, attentionData(spec, [131, 67], random, 4));
});

test('huge scores of both signs', async () => {
  // Integers and a power of two as scale: f32 holds such scores exactly, so the reference is sharp.
  const spec = { items: 2, frames: 37, heads: 2, headSize: 64 };
  const { qkv, ...rest } = attentionData(spec, [37, 20], random, 1);
  const valueStart = 2 * spec.heads * spec.headSize;
  const rowLength = 3 * spec.heads * spec.headSize;
  const scaled = qkv.map((value, i) => (i % rowLength < valueStart ? Math.round(value * 110) : value));
  await checkAll(spec, { qkv: scaled, ...rest });
  const unscaled = attentionData(spec, [37, 0], random, 1e4);
  for (const variant of attentionVariants(spec, capabilities)) {
    const { call, buffers, expected } = attentionCase(spec, unscaled, capabilities, variant);
    const out = await runCall(context, call, buffers);
    expect(
      out.subarray(0, expected.findIndex(Number.isNaN)).every(Number.isFinite),
      attentionVariantName(variant),
    ).toBe(true);
  }
});

test('equal scores that are all far below zero', async () => {
  const spec = { items: 1, frames: 17, heads: 1, headSize: 64 };
  const { qkv, ...rest } = attentionData(spec, [17], random);
  const rowLength = 3 * spec.headSize;
  // q = 100, k = -200 in every element: each score is -160000.
  const sunk = qkv.map((value, i) => {
    const part = Math.floor((i % rowLength) / spec.headSize);
    return [100, -200, value][part] ?? NaN;
  });
  await checkAll(spec, { qkv: sunk, ...rest });
});

test('padding keys have no say, whatever they hold', async () => {
  const spec = { items: 1, frames: 19, heads: 2, headSize: 64 };
  const { qkv, ...rest } = attentionData(spec, [11], random);
  const rowLength = 3 * spec.heads * spec.headSize;
  // Queries stay as they are: padding frames have an output too.
  const unfit = qkv.map((value, i) =>
    i >= 11 * rowLength && i % rowLength >= spec.heads * spec.headSize ? NaN : value,
  );
  await checkAll(spec, { qkv: unfit, ...rest });
});
