/** Reads prepared sound from the disk, block by block as it is asked for: an hour of it takes no memory. */
import { open } from 'node:fs/promises';
import type { PreparedSound } from '../messages.ts';

/** 4 s at 16 kHz. */
const BLOCK_SAMPLES = 65_536;

/** The blocks with their rate, as a stream of audio for the engine. @throws where the file is shorter than it should be. */
export async function* preparedBlocks({
  file,
  sampleCount,
  sampleRate,
}: PreparedSound): AsyncGenerator<{ readonly data: Float32Array; readonly sampling_rate: number }> {
  const handle = await open(file, 'r');
  try {
    for (let start = 0; start < sampleCount; start += BLOCK_SAMPLES) {
      const data = new Float32Array(Math.min(BLOCK_SAMPLES, sampleCount - start));
      const bytes = new Uint8Array(data.buffer);
      for (let filled = 0; filled < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start * 4 + filled);
        if (bytesRead === 0)
          throw new Error(`The prepared sound ${file} ends before ${sampleCount} samples.`);
        filled += bytesRead;
      }
      yield { data, sampling_rate: sampleRate };
    }
  } finally {
    await handle.close();
  }
}
