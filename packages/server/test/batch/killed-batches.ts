/** Batches of one machine that are killed and started again: every output once and whole, whenever it was. */
import { expect, test } from 'vitest';
import { repositoryFolder } from '../../../../test/helpers/run-node.ts';
import { useEngineScripts } from '../helpers/engine-scripts.ts';
import { runKilledBatch } from '../helpers/killed-batch.ts';

/** Registers the test. @param fileCount files, most of them a second long. @param killCount how often the batch is killed with SIGKILL. */
export function testKilledBatch(fileCount: number, killCount: number, timeoutMilliseconds: number): void {
  const scripts = useEngineScripts();
  test(
    `${fileCount} files, killed ${killCount} times: every output is there once, and none is torn`,
    async () => {
      const command = [scripts.of('batch')];
      const plan = { repository: repositoryFolder, command, folder: scripts.folder(), fileCount, killCount };
      const { runs, texts, expectedTexts } = await runKilledBatch(plan);
      let before = 0;
      for (const { exitCode, outputCount, rewritten, spoolCount, printed } of runs.slice(0, killCount)) {
        expect(exitCode, printed).toBeNull();
        expect(outputCount).toBeGreaterThan(before);
        expect(outputCount).toBeLessThan(fileCount);
        expect(rewritten).toEqual([]);
        // Its own, which only the next run can remove.
        expect(spoolCount).toBe(1);
        before = outputCount;
      }
      for (const { exitCode, outputCount, rewritten, spoolCount, printed } of runs.slice(killCount)) {
        expect(exitCode, printed).toBe(0);
        expect(outputCount).toBe(fileCount);
        expect(rewritten).toEqual([]);
        expect(spoolCount).toBe(0);
      }
      expect(runs.at(-1)?.printed).toContain(`0 files transcribed, ${fileCount} were there, 0 failed`);
      expect(texts).toHaveLength(fileCount);
      expect(texts.slice(0, expectedTexts.length)).toEqual(expectedTexts);
    },
    timeoutMilliseconds,
  );
}
