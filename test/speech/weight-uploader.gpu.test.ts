/** Where weights lie on the GPU, and which are refused. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GpuContext } from '../../src/gpu/context.ts';
import { WeightUploader } from '../../src/speech/core/weight-uploader.ts';
import { openTestContext } from '../helpers/gpu.ts';

let context: GpuContext;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context.release());

const weight = (name: string, elementCount: number) => ({ name, elementCount, sources: [] });

test('small weights share a buffer in ranges that can be bound, large ones have their own', () => {
  const uploader = new WeightUploader(context, 'f32');
  uploader.allocate([weight('a', 67), weight('matrix', 5000), weight('b', 4096), weight('c', 1)]);
  const { a, b, c, matrix } = Object.fromEntries(uploader.bindings);
  expect(new Set([a?.buffer, b?.buffer, c?.buffer]).size).toBe(1);
  expect(matrix).toMatchObject({ offset: 0, size: 20_000 });
  expect(matrix?.buffer).not.toBe(a?.buffer);
  expect([a, b, c].map((place) => [place?.offset, place?.size])).toEqual([
    [0, 268],
    [expect.toSatisfy((offset) => Number(offset) >= 268), 16_384],
    [expect.toSatisfy((offset) => Number(offset) >= 268 + 16_384), 16],
  ]);
  const alignment = context.device.limits.minStorageBufferOffsetAlignment;
  for (const { offset } of uploader.bindings.values()) expect(offset % alignment).toBe(0);
  uploader.destroy();
});

test('a weight over the binding limit is refused with both numbers', () => {
  const limit = context.capabilities.limits.maxStorageBufferBindingSize;
  const uploader = new WeightUploader(context, 'f32');
  expect(() => uploader.allocate([weight('lm_head.weight', limit / 4 + 1)])).toThrow(
    `The weight lm_head.weight needs ${limit + 4} bytes, but one buffer binding of this adapter holds ${limit}.`,
  );
  uploader.destroy();
});
