/** Kernels that touch each element once; those that only move numbers are exact, whatever the shape of the grid. */
import { afterAll, describe, expect, test } from 'vitest';
import { elementwiseCase, maskFramesCase, posConvPackCase } from '../../kernels/reference/elementwise.ts';
import { compare, type KernelCase } from '../../kernels/reference/kernel-case.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import { runCall } from '../../src/gpu/run-call.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectRight } from '../helpers/kernel-expect.ts';

const context = await openTestContext();
afterAll(() => context.release());
const random = new SeededRandom(6);

/** The adapter, and one whose dispatches hold so little that grids must spread over two dimensions. */
const adapters = [
  context.capabilities,
  {
    ...context.capabilities,
    limits: { ...context.capabilities.limits, maxComputeWorkgroupsPerDimension: 3 },
  },
];

async function expectExact({ call, buffers, expected }: KernelCase): Promise<void> {
  expect(compare(await runCall(context, call, buffers), expected)).toEqual({
    nmse: 0,
    largestError: 0,
    missingCount: 0,
    strayCount: 0,
  });
}

describe.each(['sigmoid', 'gelu'] as const)('elementwise: %s', (activation) => {
  test.each([
    [1, 1],
    [3, 5],
    [17, 64],
    [65, 13],
    [29, 67],
  ])('%i rows of %i channels', async (rows, channels) => {
    const length = rows * ceil4(channels);
    const data = {
      x: random.normals(length, 1, 3),
      factors: random.normals(ceil4(channels) + 2),
      y: random.normals(length, 0, 3),
    };
    for (const addend of [undefined, 'rows', 'row'] as const) {
      for (const factor of [undefined, { index: 1, isByChannel: false }, { index: 2, isByChannel: true }]) {
        for (const hasActivation of [false, true]) {
          const spec = { rows, channels, activation, hasActivation, factor, addend };
          for (const adapter of adapters)
            await expectRight(context, elementwiseCase(spec, data, adapter), JSON.stringify(spec));
        }
      }
    }
  });
});

test('a lone sum is exact', async () => {
  const spec = {
    rows: 29,
    channels: 67,
    activation: 'gelu',
    hasActivation: false,
    factor: undefined,
    addend: 'rows',
  } as const;
  const length = 29 * ceil4(67);
  const whole = () => Float32Array.from({ length }, () => random.integer(-1000, 1000));
  await expectExact(
    elementwiseCase(spec, { x: whole(), factors: whole(), y: whole() }, context.capabilities),
  );
});

test.each([
  [1, 1],
  [3, 5],
  [17, 64],
  [65, 13],
  [29, 67],
])('mask_frames: %i frames of %i channels', async (frames, channels) => {
  for (const replacesByFrame of [false, true]) {
    const data = {
      x: random.normals(frames * ceil4(channels)),
      codes: Uint32Array.from({ length: frames }, () => random.integer(0, 2)),
      replacement: random.normals((replacesByFrame ? frames : 1) * ceil4(channels)),
    };
    const spec = { frames, channels, replacesByFrame };
    for (const adapter of adapters) await expectExact(maskFramesCase(spec, data, adapter));
  }
});

test.each([
  [1, 1, 1, 0],
  [1, 4, 2, 1],
  [7, 18, 2, 2],
  [13, 27, 3, 8],
  [29, 96, 2, 15],
  [5, 12, 12, 64],
])(
  'pos_conv_pack: %i frames, %i channels, %i groups, padding %i',
  async (frames, channels, groups, padding) => {
    const spec = { items: 2, frames, channels, groups, padding };
    const x = random.normals(spec.items * frames * ceil4(channels));
    for (const adapter of adapters) await expectExact(posConvPackCase(spec, x, adapter));
  },
);
