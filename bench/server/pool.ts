/** The pool of engine processes: seconds of sound a second, by how many clips are under way and how many may share a batch. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createEnginePool } from '../../packages/server/src/engine/create-pool.ts';
import type { PoolEvent } from '../../packages/server/src/engine/engine-pool.ts';
import { demoClips } from '../../packages/server/test/helpers/demo-clips.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log } from '../lib/run-suite.ts';
import { median } from '../lib/statistics.ts';
import { MODEL_FOLDER, PRELOAD, REPOSITORY } from './built-server.ts';
import type { ServerBenchOptions } from './options.ts';

type PoolBatch = Extract<PoolEvent, { type: 'batch' }>;

/** Of one run. */
interface PoolFigures {
  readonly speed: number;
  /** Clips of a batch, in the mean. */
  readonly batch: number;
  /** Of the batches, beside their sound. */
  readonly padding: number;
}

/** A pool with a limit of its own, which clips are put through. */
class LimitedPool {
  readonly maxBatch: number;
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-bench-pool-'));
  readonly #clips = demoClips(REPOSITORY);
  readonly #pool;
  #batches: PoolBatch[] = [];
  #turn = 0;

  constructor(maxBatch: number) {
    this.maxBatch = maxBatch;
    this.#pool = createEnginePool({
      models: [{ id: 'tiny', location: MODEL_FOLDER }],
      spoolFolder: path.join(this.#folder, 'clips'),
      childModule: path.resolve('packages/server/dist/engine-child.js'),
      maxBatch,
      onEvent: (event) => {
        if (event.type === 'batch') this.#batches.push(event);
      },
    });
  }

  /** @throws what keeps its engine from starting. */
  async start(): Promise<void> {
    await this.#pool.start();
    if (this.#pool.notReady !== undefined) throw new Error(this.#pool.notReady);
  }

  async stop(): Promise<void> {
    await this.#pool.stop(0);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** So many clips at once, for a time. @throws for a text that is not that of the reference. */
  async run(clipCount: number, seconds: number): Promise<PoolFigures> {
    this.#batches = [];
    const start = performance.now();
    let audioSeconds = 0;
    const loop = async (): Promise<void> => {
      while (performance.now() - start < seconds * 1000) {
        const clip = this.#clips[this.#turn++ % this.#clips.length];
        if (!clip) throw new Error('There are no clips.');
        const job = { id: String(this.#turn), modelId: 'tiny', file: clip.file, options: {} };
        const { text, durationSeconds } = await this.#pool.transcribe(job);
        if (text !== clip.text) throw new Error(`${clip.name} reads ${text}, expected ${clip.text}`);
        audioSeconds += durationSeconds;
      }
    };
    await Promise.all(Array.from({ length: clipCount }, loop));
    const wallSeconds = (performance.now() - start) / 1000;
    const sum = (of: (batch: PoolBatch) => number): number =>
      this.#batches.reduce((total, batch) => total + of(batch), 0);
    return {
      speed: audioSeconds / wallSeconds,
      batch: sum(({ pieceCount }) => pieceCount) / this.#batches.length,
      padding:
        sum((batch) => batch.audioSeconds * batch.paddingRatio) / sum((batch) => batch.audioSeconds) - 1,
    };
  }
}

/** Prints a table: a row for each count of clips, a column for each limit of batches. Rounds take turns, so that all have the machine as it is. */
export async function measurePool({
  clipCounts,
  maxBatches,
  seconds,
  rounds,
}: ServerBenchOptions['pool']): Promise<void> {
  // Of the engines, which are processes of this one.
  process.env.NODE_OPTIONS = `--import ${PRELOAD}`;
  const pools = maxBatches.map((maxBatch) => new LimitedPool(maxBatch));
  const cells = clipCounts.map((clipCount) =>
    pools.map((pool) => ({ pool, clipCount, runs: [] as PoolFigures[] })),
  );
  try {
    for (const pool of pools) await pool.start();
    for (let round = 0; round <= rounds; round += 1) {
      log(`pool: round ${round} of ${rounds}`);
      for (const { pool, clipCount, runs } of cells.flat()) {
        const figures = await pool.run(clipCount, seconds);
        // The engine plans each shape of a batch that is new to it.
        if (round > 0) runs.push(figures);
      }
    }
  } finally {
    for (const pool of pools) await pool.stop();
  }
  const textOf = (runs: readonly PoolFigures[]): string => {
    const of = (name: keyof PoolFigures): number => median(runs.map((figures) => figures[name]));
    return `${of('speed').toFixed(1)} (${of('batch').toFixed(1)}, +${(100 * of('padding')).toFixed(0)} %)`;
  };
  console.log(
    markdownTable(
      [
        ['clips at once', ...maxBatches.map((maxBatch) => `at most ${maxBatch} a batch`)],
        ...cells.map((row, index) => [String(clipCounts[index]), ...row.map(({ runs }) => textOf(runs))]),
      ],
      [0, ...maxBatches.map((_, index) => index + 1)],
    ),
  );
}
