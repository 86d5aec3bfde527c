/** The command line of `npm run bench -- long`. */
import { parseArgs } from 'node:util';
import { count, list, positive } from '../lib/option-values.ts';
import { BenchUsageError } from '../lib/usage-error.ts';

export const LONG_ROWS = ['decode', 'stream', 'files'] as const;
export type LongRow = (typeof LONG_ROWS)[number];

export interface LongOptions {
  readonly rows: readonly LongRow[];
  /** Of the MP3 file. */
  readonly hours: number;
  readonly fileCount: number;
  /** Of each file. */
  readonly seconds: number;
  /** Files that are recognised one way and then the other. */
  readonly blockSize: number;
}

export const HELP = `Hours of audio and many files, with the model of the demo: peak memory, and seconds of audio per second.

Usage: npm run bench -- long [options]
  --only LIST        of ${LONG_ROWS.join(', ')} (default all): an MP3 to mono at 16 kHz, the same through recognize.stream, and
                     files one after another beside recognize.each
  --hours N          of the MP3, two channels at 44.1 kHz (default 3)
  --files N          how many files (default 1000)
  --seconds N        of each file (default 3)
  --block N          files in a paired round (default 100)
`;

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseOptions(argv: readonly string[]): LongOptions | undefined {
  const { values } = parse(argv);
  if (values.help) return undefined;
  return {
    rows: list('--only', values.only, LONG_ROWS),
    hours: positive('--hours', values.hours),
    fileCount: count('--files', values.files),
    seconds: positive('--seconds', values.seconds),
    blockSize: count('--block', values.block),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        only: { type: 'string', default: LONG_ROWS.join(',') },
        hours: { type: 'string', default: '3' },
        files: { type: 'string', default: '1000' },
        seconds: { type: 'string', default: '3' },
        block: { type: 'string', default: '100' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new BenchUsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
