/** Many clients at once, over HTTP: what comes back of each request, and how long it takes. */
import {
  describeLoad,
  loadClips,
  percentile,
  runClients,
} from '../../packages/server/test/helpers/load-clients.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log } from '../lib/run-suite.ts';
import { REPOSITORY, withServer } from './built-server.ts';
import type { ServerBenchOptions } from './options.ts';

/** Prints a table. @returns whether nothing was lost. */
export async function measureLoad(options: ServerBenchOptions['load']): Promise<boolean> {
  log(`load: ${options.clientCount} clients for ${options.seconds} s`);
  const clips = loadClips(REPOSITORY);
  const report = await withServer(async (url) => {
    // The first requests compile what the check of the device did not.
    await runClients(url, clips, { clientCount: 8, seconds: 1 });
    return runClients(url, clips, options);
  });
  log(describeLoad(report));
  for (const line of report.lost) log(line);
  const { clientCount, wallSeconds, latencies, lost, refusedCount, audioSeconds } = report;
  const rate = (amount: number): string => (amount / wallSeconds).toFixed(1);
  const latency = (percent: number): string => percentile(latencies, percent).toFixed(2);
  console.log(
    markdownTable(
      [
        ['clients', 'answers', 'lost', 'refused', 'a second', 'times real time', 'p50 s', 'p95 s', 'max s'],
        [
          ...[clientCount, latencies.length, lost.length, refusedCount].map(String),
          ...[rate(latencies.length), rate(audioSeconds), latency(50), latency(95), latency(100)],
        ],
      ],
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    ),
  );
  return lost.length === 0;
}
