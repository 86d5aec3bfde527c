/** The command line of `npm run bench -- lookups`. */
import { count, positive } from '../lib/option-values.ts';
import { suiteOptions } from '../lib/suite-options.ts';

export interface LookupBenchOptions {
  readonly pairCount: number;
  readonly memoryMb: number;
  readonly wordCount: number;
  readonly rounds: number;
  readonly buildBinary: string | undefined;
}

export const HELP = `Look-ups in language models: an ARPA text, and KenLM binaries in memory and page by page.

Usage: npm run bench -- lookups [options]
  --pairs N              pairs of words in the model, about as many triples (default 1000000)
  --memory-mb N          of the pages that are kept (default 8)
  --words N              of a text that is scored in a round (default 200000)
  --rounds N             (default 7)
  --build-binary PATH    KenLM's build_binary, which makes the binaries of the ARPA text; without it there is the text alone
`;

const OPTIONS = {
  pairs: { type: 'string', default: '1000000' },
  'memory-mb': { type: 'string', default: '8' },
  words: { type: 'string', default: '200000' },
  rounds: { type: 'string', default: '7' },
  'build-binary': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseOptions(argv: readonly string[]): LookupBenchOptions | undefined {
  const values = suiteOptions(argv, OPTIONS);
  if (values.help) return undefined;
  return {
    pairCount: count('--pairs', values.pairs),
    memoryMb: positive('--memory-mb', values['memory-mb']),
    wordCount: count('--words', values.words),
    rounds: count('--rounds', values.rounds),
    buildBinary: values['build-binary'],
  };
}
