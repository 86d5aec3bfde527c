/** A caller's own device, as a program has one that uses the package "webgpu" for something else, too. */
import { create } from 'webgpu';
import { expect, test } from 'vitest';
import { pipeline } from '../../src/index.ts';
import { clipFolder, modelFolder } from '../helpers/clips.ts';

test('a device of the caller is used and left alone, and nothing is put on globalThis', async () => {
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error('no adapter');
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
  });
  try {
    const recognize = await pipeline('automatic-speech-recognition', modelFolder, { device });
    expect(await recognize(`${clipFolder}yes-five.flac`)).toEqual({ text: 'YES FIVE' });
    await recognize.dispose();
    await recognize.dispose();
    expect(device.createBuffer({ size: 16, usage: 8 }).size).toBe(16);
    expect(Object.keys(globalThis).filter((name) => name.startsWith('GPU'))).toEqual([]);
    expect('GPUBufferUsage' in globalThis).toBe(false);
  } finally {
    device.destroy();
  }
});
