/** The command line of `npm run bench -- download`. */
import { count } from '../lib/option-values.ts';
import { suiteOptions } from '../lib/suite-options.ts';

export interface DownloadOptions {
  /** Rows of the second table. */
  readonly moduleCount: number;
}

export const HELP = `What a browser downloads to recognise a second of samples, and how much of it ever runs.

Usage: npm run bench -- download [options]
  --modules N        source files in the second table, those with most bytes in functions that are never called (default 20)
`;

const OPTIONS = {
  modules: { type: 'string', default: '20' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseOptions(argv: readonly string[]): DownloadOptions | undefined {
  const values = suiteOptions(argv, OPTIONS);
  return values.help ? undefined : { moduleCount: count('--modules', values.modules) };
}
