/** The command line of `npm run bench -- host`. */
import { count, list, positive } from '../lib/option-values.ts';
import { suiteOptions } from '../lib/suite-options.ts';

export const ROW_GROUPS = ['samples', 'wav', 'flac', 'mp3', 'opus', 'ogg'] as const;
export type RowGroup = (typeof ROW_GROUPS)[number];

export interface HostOptions {
  readonly groups: readonly RowGroup[];
  readonly seconds: number;
  readonly rounds: number;
}

export const HELP = `Audio before the GPU: mixing down and resampling, and whole files to mono at 16 kHz, each beside its decoder alone and ffmpeg.

Usage: npm run bench -- host [options]
  --only LIST        of ${ROW_GROUPS.join(', ')} (default all)
  --seconds N        of sound in a run (default 300)
  --rounds N         timed runs of each row, interleaved, after one that is not (default 11)
`;

const OPTIONS = {
  only: { type: 'string', default: ROW_GROUPS.join(',') },
  seconds: { type: 'string', default: '300' },
  rounds: { type: 'string', default: '11' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseOptions(argv: readonly string[]): HostOptions | undefined {
  const values = suiteOptions(argv, OPTIONS);
  if (values.help) return undefined;
  return {
    groups: list('--only', values.only, ROW_GROUPS),
    seconds: positive('--seconds', values.seconds),
    rounds: count('--rounds', values.rounds),
  };
}
