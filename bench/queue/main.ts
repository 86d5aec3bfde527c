/** `npm run bench -- queue`: how many jobs a queue server takes and gives, with work that takes no time. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readItems } from '../../packages/server/src/batch/batch-item.ts';
import { batchName, QueuedBatch } from '../../packages/server/src/batch/batch-queue.ts';
import { BullSource } from '../../packages/server/src/batch/bull-source.ts';
import { parseQueueAddress } from '../../packages/server/src/batch/queue-address.ts';
import { type FoundServer, queueServers } from '../../packages/server/test/helpers/queue-servers.ts';
import { markdownTable } from '../lib/markdown.ts';
import { count } from '../lib/option-values.ts';
import { log, runSuite } from '../lib/run-suite.ts';

const HELP = `Queue servers of this machine: jobs a second, added and taken, with work that takes no time.

Usage: npm run bench -- queue [options]      (npm run build comes first)
  --jobs N           jobs (default 5000)
  --concurrency LIST how many are taken at once (default 1,16,50)
`;

interface QueueBenchOptions {
  readonly jobCount: number;
  readonly concurrencies: readonly number[];
}

/** @returns undefined where help is asked for. @throws BenchUsageError. */
function parseOptions(args: readonly string[]): QueueBenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      jobs: { type: 'string', default: '5000' },
      concurrency: { type: 'string', default: '1,16,50' },
    },
  });
  if (values.help) return undefined;
  return {
    jobCount: count('--jobs', values.jobs),
    concurrencies: values.concurrency.split(',').map((text) => count('--concurrency', text)),
  };
}

const MODEL = { digest: '0'.repeat(64), dtype: 'fp32' };

async function measure(
  { name, create }: FoundServer,
  manifest: string,
  { jobCount, concurrencies }: QueueBenchOptions,
): Promise<string[][]> {
  const server = await create();
  await server.start();
  const address = parseQueueAddress(server.url);
  const rows: string[][] = [];
  try {
    for (const concurrency of concurrencies) {
      log(`${name}, ${concurrency} at once`);
      const queueName = `bench-${concurrency}`;
      const batch = new QueuedBatch(address, queueName, batchName(manifest));
      const bytesBefore = await server.usedBytes?.();
      const start = performance.now();
      await batch.add(readItems(manifest), { model: MODEL, identity: 'stat' });
      const added = performance.now();
      const bytes =
        bytesBefore === undefined ? undefined : ((await server.usedBytes?.()) ?? NaN) - bytesBefore;
      const source = new BullSource({ address, queueName, model: MODEL, concurrency });
      let taken = 0;
      const take = async (): Promise<void> => {
        for (;;) {
          const job = await source.take();
          if (!job) return;
          await source.done(job, { isSkipped: false, seconds: 0 });
          taken += 1;
        }
      };
      const takers = Array.from({ length: concurrency }, take);
      while (taken < jobCount) await new Promise((resolve) => setTimeout(resolve, 5));
      const end = performance.now();
      await source.close();
      await Promise.all(takers);
      await batch.close();
      const rate = (milliseconds: number): string => Math.round((jobCount / milliseconds) * 1000).toString();
      rows.push([
        name,
        String(concurrency),
        rate(added - start),
        rate(end - added),
        bytes === undefined ? '–' : Math.round(bytes / jobCount).toString(),
      ]);
    }
  } finally {
    await server.stop();
  }
  return rows;
}

await runSuite(HELP, parseOptions, async (options) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-bench-queue-'));
  try {
    mkdirSync(path.join(folder, 'audio'));
    const names = Array.from({ length: options.jobCount }, (_, index) => `audio/${index}.wav`);
    for (const name of names) writeFileSync(path.join(folder, name), name);
    const manifest = path.join(folder, 'list.txt');
    writeFileSync(manifest, names.join('\n'));
    const rows: string[][] = [];
    for (const which of ['first', 'others'] as const)
      for (const server of queueServers(which)) rows.push(...(await measure(server, manifest, options)));
    const header = ['server', 'at once', 'added a second', 'taken and done a second', 'bytes a waiting job'];
    console.log(markdownTable([header, ...rows], [1, 2, 3, 4]));
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
