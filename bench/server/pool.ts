/** The pool of engine processes: seconds of sound a second, by how many clips are under way and how many may share a batch. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createEnginePool } from '../../packages/server/src/engine/create-pool.ts';
import type { PoolEvent } from '../../packages/server/src/engine/engine-pool.ts';
import { demoClips } from '../../packages/server/test/helpers/demo-clips.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log } from '../lib/run-suite.ts';
import { MODEL_FOLDER, PRELOAD, REPOSITORY } from './built-server.ts';
import type { ServerBenchOptions } from './options.ts';

interface PoolFigures {
  readonly speed: number;
  /** Clips of a batch, in the mean. */
  readonly batch: number;
  /** Of the batches, beside their sound. */
  readonly padding: number;
}

/** Prints a table: a row for each count of clips, a column for each limit of batches. */
export async function measurePool({
  clipCounts,
  maxBatches,
  seconds,
}: ServerBenchOptions['pool']): Promise<void> {
  const columns: PoolFigures[][] = [];
  for (const maxBatch of maxBatches) columns.push(await measureLimit(maxBatch, clipCounts, seconds));
  const cell = (figures: PoolFigures | undefined): string =>
    figures === undefined
      ? ''
      : `${figures.speed.toFixed(1)} (${figures.batch.toFixed(1)}, +${(100 * figures.padding).toFixed(0)} %)`;
  console.log(
    markdownTable(
      [
        ['clips at once', ...maxBatches.map((maxBatch) => `at most ${maxBatch}`)],
        ...clipCounts.map((clipCount, row) => [
          String(clipCount),
          ...columns.map((column) => cell(column[row])),
        ]),
      ],
      [0, ...maxBatches.map((_, index) => index + 1)],
    ),
  );
}

/** One pool, which is asked by more and more clips at once. */
async function measureLimit(
  maxBatch: number,
  clipCounts: readonly number[],
  seconds: number,
): Promise<PoolFigures[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-bench-pool-'));
  process.env.NODE_OPTIONS = `--import ${PRELOAD}`;
  let batches: Extract<PoolEvent, { type: 'batch' }>[] = [];
  const pool = createEnginePool({
    models: [{ id: 'tiny', location: MODEL_FOLDER }],
    spoolFolder: path.join(folder, 'clips'),
    childModule: path.resolve('packages/server/dist/engine-child.js'),
    maxBatch,
    onEvent: (event) => {
      if (event.type === 'batch') batches.push(event);
    },
  });
  const clips = demoClips(REPOSITORY);
  let turn = 0;
  /** So many clips at once for a time. @returns seconds of sound that were done in it. */
  const run = async (clipCount: number, limitSeconds: number): Promise<number> => {
    const end = performance.now() + limitSeconds * 1000;
    let done = 0;
    const loop = async (): Promise<void> => {
      while (performance.now() < end) {
        const clip = clips[turn++ % clips.length];
        if (!clip) throw new Error('There are no clips.');
        const job = { id: String(turn), modelId: 'tiny', file: clip.file, options: {} };
        const { text, durationSeconds } = await pool.transcribe(job);
        if (text !== clip.text) throw new Error(`${clip.name} reads ${text}, expected ${clip.text}`);
        done += durationSeconds;
      }
    };
    await Promise.all(Array.from({ length: clipCount }, loop));
    return done;
  };
  const rows: PoolFigures[] = [];
  try {
    await pool.start();
    for (const clipCount of clipCounts) {
      // Shapes of batches that are new to the engine are planned once.
      await run(clipCount, seconds / 4);
      batches = [];
      const start = performance.now();
      const audioSeconds = await run(clipCount, seconds);
      const wallSeconds = (performance.now() - start) / 1000;
      const pieces = batches.reduce((sum, { pieceCount }) => sum + pieceCount, 0);
      const heard = batches.reduce((sum, batch) => sum + batch.audioSeconds, 0);
      const padded = batches.reduce((sum, batch) => sum + batch.audioSeconds * batch.paddingRatio, 0);
      rows.push({
        speed: audioSeconds / wallSeconds,
        batch: pieces / batches.length,
        padding: padded / heard - 1,
      });
      log(
        `pool: at most ${maxBatch} a batch, ${clipCount} clips at once: ${(audioSeconds / wallSeconds).toFixed(1)} × real time`,
      );
    }
    return rows;
  } finally {
    await pool.stop(0);
    rmSync(folder, { recursive: true, force: true });
  }
}
