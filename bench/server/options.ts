/** The command line of the `server` suite. */
import { parseArgs } from 'node:util';
import { count, list, positive } from '../lib/option-values.ts';

export const HELP = `The server on this machine: many clients at once, batches of its engine, a batch that is killed again and again.

Usage: npm run bench -- server [options]      (npm run build && npm run server:build comes first)
  --only LIST        of load, pool, killed (default all)
  --clients N        of load: clients at once (default 50)
  --seconds N        of load: how long they ask (default 180)
  --clips LIST       of pool: clips under way at once (default 1,4,8,16)
  --max-batch LIST   of pool: the most clips of a batch (default 1,2,4,8,16)
  --pool-seconds N   of pool: how long each cell of the table runs in a round (default 2)
  --rounds N         of pool: rounds, whose medians are printed (default 5)
  --files N          of killed: files (default 500)
  --kills N          of killed: how often the batch is killed (default 3)
`;

const PARTS = ['load', 'pool', 'killed'] as const;

export interface ServerBenchOptions {
  readonly parts: readonly (typeof PARTS)[number][];
  readonly load: { readonly clientCount: number; readonly seconds: number };
  readonly pool: {
    readonly clipCounts: readonly number[];
    readonly maxBatches: readonly number[];
    readonly seconds: number;
    readonly rounds: number;
  };
  readonly killed: { readonly fileCount: number; readonly killCount: number };
}

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseServerOptions(args: readonly string[]): ServerBenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      only: { type: 'string', default: PARTS.join(',') },
      clients: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '180' },
      clips: { type: 'string', default: '1,4,8,16' },
      'max-batch': { type: 'string', default: '1,2,4,8,16' },
      'pool-seconds': { type: 'string', default: '2' },
      rounds: { type: 'string', default: '5' },
      files: { type: 'string', default: '500' },
      kills: { type: 'string', default: '3' },
    },
  });
  if (values.help) return undefined;
  const counts = (option: string, text: string): readonly number[] =>
    text.split(',').map((each) => count(option, each));
  return {
    parts: list('--only', values.only, PARTS),
    load: {
      clientCount: count('--clients', values.clients),
      seconds: positive('--seconds', values.seconds),
    },
    pool: {
      clipCounts: counts('--clips', values.clips),
      maxBatches: counts('--max-batch', values['max-batch']),
      seconds: positive('--pool-seconds', values['pool-seconds']),
      rounds: count('--rounds', values.rounds),
    },
    killed: { fileCount: count('--files', values.files), killCount: count('--kills', values.kills) },
  };
}
