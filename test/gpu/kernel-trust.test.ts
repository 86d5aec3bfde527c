/** Each kernel is tested once; a test that could not be made says nothing. */
import { expect, test } from 'vitest';
import type { Kernel } from '../../src/gpu/kernel.ts';
import { KernelTrust } from '../../src/gpu/kernel-trust.ts';

const kernel: Kernel = { name: 'some_kernel', source: 'source', bindings: [] };

test('a kernel is tested once, also when two ask at the same time', async () => {
  const trust = new KernelTrust();
  let testCount = 0;
  const find = () => trust.faultOf(kernel, () => Promise.resolve(`fault ${++testCount}`));
  expect(await Promise.all([find(), find()])).toEqual(['fault 1', 'fault 1']);
  expect(await find()).toBe('fault 1');
  trust.noteReplacement(kernel, 'other_kernel');
  expect(trust.report).toEqual([
    { kernel: 'some_kernel', passed: false, fault: 'fault 1', replacedBy: 'other_kernel' },
  ]);
});

test('a test that throws is made again by the next caller', async () => {
  const trust = new KernelTrust();
  await expect(trust.faultOf(kernel, () => Promise.reject(new Error('device lost')))).rejects.toThrow('lost');
  expect(trust.report).toEqual([]);
  expect(await trust.faultOf(kernel, () => Promise.resolve(undefined))).toBeUndefined();
  expect(trust.report).toEqual([{ kernel: 'some_kernel', passed: true }]);
});
