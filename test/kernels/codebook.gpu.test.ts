/** The codebook of a quantizer: exact, whatever the sizes, the ties and the shape of the grid. */
import { afterAll, describe, expect, test } from 'vitest';
import { chooseCodesCase, tiedLogits } from '../../kernels/reference/choose-codes.ts';
import { countCodesCase, gatherCodesCase, randomCodes } from '../../kernels/reference/codebook.ts';
import type { KernelCase } from '../../kernels/reference/kernel-case.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { runCall } from '../../src/gpu/run-call.ts';
import { openTestContext } from '../helpers/gpu.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;
/** Its dispatches hold so little that grids spread over two dimensions. */
const narrow = { ...capabilities, limits: { ...capabilities.limits, maxComputeWorkgroupsPerDimension: 3 } };
const random = new SeededRandom(12);

async function expectExactly({ call, buffers, expected }: KernelCase): Promise<void> {
  expect([...(await runCall(context, call, buffers))]).toEqual([...expected]);
}

describe.each([
  [1, 1, 1, 1],
  [3, 2, 5, 3],
  [7, 3, 64, 1],
  [65, 1, 65, 4],
  [130, 2, 320, 7],
  [5, 5, 63, 2],
])('%i frames, %i groups of %i codes', (rows, groups, codes, size) => {
  const spec = { rows, groups, codes };

  test('the first of the largest logits, with noise and without', async () => {
    for (const hasNoise of [false, true]) {
      const data = { logits: tiedLogits(spec, random), noise: tiedLogits(spec, random) };
      for (const adapter of [capabilities, narrow])
        await expectExactly(chooseCodesCase({ ...spec, hasNoise }, data, adapter));
      if (groups === 1)
        await expectExactly(chooseCodesCase({ ...spec, hasNoise, outStride: 1 }, data, capabilities));
      const untied = {
        logits: random.normals(data.logits.length),
        noise: random.normals(data.logits.length),
      };
      await expectExactly(chooseCodesCase({ ...spec, hasNoise }, untied, capabilities));
    }
  });

  test('vectors', async () => {
    const vectors = random.normals(groups * codes * size);
    for (const adapter of [capabilities, narrow])
      await expectExactly(gatherCodesCase({ ...spec, size }, randomCodes(spec, random), vectors, adapter));
  });

  test('counts of all frames, and of some', async () => {
    const counted = Uint32Array.from({ length: rows }, () => random.integer(0, 2));
    for (const hasCounted of [false, true]) {
      for (const adapter of [capabilities, narrow])
        await expectExactly(
          countCodesCase({ ...spec, hasCounted }, randomCodes(spec, random), counted, adapter),
        );
    }
  });
});

test('logits that are no numbers, or infinite, give a code of the codebook, or -1 where NaN is to be marked', async () => {
  const spec = { rows: 6, groups: 1, codes: 4, hasNoise: false };
  const lowest = -3.4028234663852886e38;
  const logits = Float32Array.from(
    [
      [NaN, NaN, NaN, NaN],
      [NaN, -2, NaN, -1],
      [-Infinity, 3, Infinity, Infinity],
      [-Infinity, -Infinity, -3e38, -Infinity],
      [-Infinity, lowest, -Infinity, lowest],
      [-Infinity, -Infinity, -Infinity, -Infinity],
    ].flat(),
  );
  const { call, buffers } = chooseCodesCase(spec, { logits, noise: logits }, capabilities);
  const chosen = await runCall(context, call, buffers);
  const codes = [0, 4, 8, 12, 16, 20].map((i) => chosen[i]);
  expect(codes).toEqual([0, 3, 2, 2, 1, 0]);

  const marking = { ...spec, marksNaN: true, outStride: 1 };
  const marked = chooseCodesCase(marking, { logits, noise: logits }, capabilities);
  expect([...(await runCall(context, marked.call, marked.buffers))].slice(0, 6)).toEqual([
    -1, -1, 2, 2, 1, 0,
  ]);
});

test('one NaN among many logits is found, wherever it is and whatever its bits are', async () => {
  const codes = 131;
  const spec = { rows: codes, groups: 1, codes, hasNoise: false, marksNaN: true, outStride: 1 };
  const logits = random.normals(codes * 132);
  const bits = new Uint32Array(logits.buffer, logits.byteOffset, logits.length);
  for (let row = 0; row < codes; row += 2) bits[row * 132 + row] = row % 4 === 0 ? 0x7fc00000 : 0xff800001;
  const { call, buffers } = chooseCodesCase(spec, { logits, noise: logits }, capabilities);
  const chosen = (await runCall(context, call, buffers)).subarray(0, codes);
  expect([...chosen].map((code) => code < 0)).toEqual(
    Array.from({ length: codes }, (_, row) => row % 2 === 0),
  );
});

test('a code beyond the codebook reads the last one', async () => {
  const spec = { rows: 1, groups: 2, codes: 3, size: 2 };
  const vectors = random.normals(12);
  const { call, buffers } = gatherCodesCase(spec, Float32Array.of(0, 1, 0, 0), vectors, capabilities);
  const found = await runCall(context, call, [Float32Array.of(1e9, NaN, 0, 0), ...buffers.slice(1)]);
  expect([...found.subarray(0, 2)]).toEqual([...vectors.subarray(4, 6)]);
  expect(found.subarray(2, 4).every(Number.isFinite)).toBe(true);
});
