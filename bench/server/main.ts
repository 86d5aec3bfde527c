/** `npm run bench -- server`: what the server does on this machine with the bundled model. */
import { existsSync } from 'node:fs';
import { runSuite } from '../lib/run-suite.ts';
import { BenchUsageError } from '../lib/usage-error.ts';
import { SERVER_SCRIPT } from './built-server.ts';
import { measureKilledBatch } from './killed.ts';
import { measureLoad } from './load.ts';
import { HELP, parseServerOptions } from './options.ts';
import { measurePool } from './pool.ts';

await runSuite(HELP, parseServerOptions, async ({ parts, load, pool, killed }) => {
  if (!existsSync(SERVER_SCRIPT))
    throw new BenchUsageError('The server is not built: run npm run build && npm run server:build first.');
  let isRight = true;
  if (parts.includes('load')) isRight = (await measureLoad(load)) && isRight;
  if (parts.includes('pool')) await measurePool(pool);
  if (parts.includes('killed')) isRight = (await measureKilledBatch(killed)) && isRight;
  return isRight ? 0 : 1;
});
