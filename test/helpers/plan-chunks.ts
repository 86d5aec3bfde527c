/** All chunks of a clip whose length is known. */
import { type AudioPiece, chunkAt, chunkGrid, type ChunkOptions } from '../../src/pipelines/chunking.ts';

export function planChunks({
  sampleCount,
  ...options
}: ChunkOptions & { readonly sampleCount: number }): AudioPiece[] {
  const grid = chunkGrid(options);
  const pieces: AudioPiece[] = [];
  for (let start = 0; start < sampleCount; start += grid.step) {
    const chunk = chunkAt(grid, start, sampleCount, true);
    if (!chunk) throw new Error('the end is known');
    const { isLast, ...piece } = chunk;
    pieces.push(piece);
    if (isLast) break;
  }
  return pieces;
}
