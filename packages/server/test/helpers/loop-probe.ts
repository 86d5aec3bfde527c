/** Decodes a file through a pool whose engine never answers, and prints how long the loop of this process was ever kept from its work. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { modelFolder } from '../../../../test/helpers/clips.ts';
import { createEnginePool } from '../../src/engine/create-pool.ts';

const [file = '', childModule = '', spoolFolder = ''] = process.argv.slice(2);
const models = [{ id: 'tiny', location: modelFolder }];
const pool = createEnginePool({ models, spoolFolder, childModule });
await pool.start();
const delays = monitorEventLoopDelay({ resolution: 5 });
delays.enable();
const start = performance.now();
const stop = new AbortController();
const job = pool.transcribe({ id: 'a', modelId: 'tiny', file, options: {}, signal: stop.signal });
job.catch(() => undefined);
while (pool.stats().jobsRunning === 0) await new Promise((resolve) => setTimeout(resolve, 20));
delays.disable();
console.log(
  JSON.stringify({
    audioSeconds: pool.stats().audioSecondsWaiting,
    wallSeconds: (performance.now() - start) / 1000,
    usualMilliseconds: delays.percentile(99) / 1e6,
    mostMilliseconds: delays.max / 1e6,
    megabytes: process.resourceUsage().maxRSS / 1024,
  }),
);
stop.abort();
await pool.stop(0);
