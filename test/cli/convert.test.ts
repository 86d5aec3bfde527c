/** What `unispeech convert` refuses before anything is left behind. Its results are tested with the built command. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { layOutSafetensors } from '../../src/checkpoint/safetensors-writer.ts';
import { convert } from '../../src/cli/convert.ts';

test.each([70_000, -Infinity])('float16 of %d is an error, not the largest number', async (value) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'unispeech-convert-'));
  try {
    const [input, output] = [path.join(folder, 'in'), path.join(folder, 'out')];
    await mkdir(input);
    const { header } = layOutSafetensors([{ name: 'a', dtype: 'F32', shape: [3] }]);
    await writeFile(path.join(input, 'model.safetensors'), [
      header,
      new Uint8Array(new Float32Array([1, value, 65_504]).buffer),
    ]);
    await expect(
      convert({ name: 'convert', input, output, dtype: 'fp16' }, new AbortController().signal),
    ).rejects.toThrow(
      `The tensor a holds ${value}, but float16 ends at 65504. Choose --dtype fp32, or leave --dtype out.`,
    );
    expect(await readdir(folder)).toEqual(['in']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
