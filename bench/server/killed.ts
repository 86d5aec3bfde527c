/** A batch of many files that is killed and started again: when, how long it took, and whether each output is there once. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runKilledBatch } from '../../packages/server/test/helpers/killed-batch.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log } from '../lib/run-suite.ts';
import { REPOSITORY, SERVER_COMMAND } from './built-server.ts';
import type { ServerBenchOptions } from './options.ts';

/** Prints a table. @returns whether no output is missing, torn or written twice. */
export async function measureKilledBatch(options: ServerBenchOptions['killed']): Promise<boolean> {
  log(`killed: ${options.fileCount} files, ${options.killCount} kills`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-bench-killed-'));
  try {
    const { runs, texts, expectedTexts } = await runKilledBatch({
      repository: REPOSITORY,
      command: SERVER_COMMAND,
      folder,
      ...options,
    });
    console.log(
      markdownTable(
        [
          ['run', 'ended by', 'seconds', 'outputs at its end', 'written again'],
          ...runs.map(({ exitCode, seconds, outputCount, rewritten }, index) => [
            String(index + 1),
            exitCode === null ? 'SIGKILL' : `exit code ${exitCode}`,
            seconds.toFixed(1),
            String(outputCount),
            String(rewritten.length),
          ]),
        ],
        [0, 2, 3, 4],
      ),
    );
    return (
      texts.length === options.fileCount &&
      expectedTexts.every((text, index) => texts[index] === text) &&
      runs.every(({ rewritten }) => rewritten.length === 0)
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
