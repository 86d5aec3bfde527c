/** Which adapter Node asks Dawn for. */
import { expect, test } from 'vitest';
import { openContext } from '../../src/gpu/context.ts';
import type { Platform } from '../../src/base/platform.ts';
import { dawnFlags, noAdapterFix } from '../../src/platform/node-gpu.ts';

test('UNISPEECH_ADAPTER names the adapter that Dawn takes', () => {
  expect(dawnFlags('llvmpipe')).toContain('adapter=llvmpipe');
  for (const none of [undefined, '']) expect(dawnFlags(none).join()).not.toContain('adapter=');
  expect(noAdapterFix('linux', '', 'nonsense')).toContain('UNISPEECH_ADAPTER is "nonsense"');
  expect(noAdapterFix('linux', '', undefined)).not.toContain('UNISPEECH_ADAPTER');
});

test('an adapter that Dawn does not find is an error of the engine', async () => {
  const gpu = { requestAdapter: () => Promise.reject(new Error('no suitable backends found')) };
  const platform = { requestGpu: () => Promise.resolve(gpu), noAdapterFix: 'Look.' } as unknown as Platform;
  await expect(openContext(platform)).rejects.toMatchObject({
    code: 'no-adapter',
    message: expect.stringContaining('no suitable backends found') as unknown,
  });
});
