/** How a PyTorch file is refused. */
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { countedFiles } from './counted-files.ts';
import { memoryFiles } from './memory-files.ts';

export const FILE = 'pytorch_model.bin';

/** Opens the file and reads all of it, as every load of a hostile file would. */
export async function refusalOf(content: Uint8Array): Promise<Error & { code?: string }> {
  const files = countedFiles(memoryFiles({ [FILE]: content }));
  try {
    const checkpoint = await openCheckpoint(files);
    try {
      for (const name of checkpoint.tensors.keys()) await checkpoint.readWhole(name);
    } finally {
      await checkpoint.close();
    }
    return new Error('nothing was thrown');
  } catch (error) {
    if (files.counts.open > 0) return new Error(`a file stayed open after ${String(error)}`);
    return error as Error;
  }
}
