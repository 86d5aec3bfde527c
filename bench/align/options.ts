/** The command line of `npm run bench -- align`. */
import { count, list, positive } from '../lib/option-values.ts';
import { suiteOptions } from '../lib/suite-options.ts';

const PARTS = ['accuracy', 'speed'] as const;

export interface AlignBenchOptions {
  readonly parts: readonly (typeof PARTS)[number][];
  readonly clipCount: number;
  /** Deviations of white noise; undefined: none. */
  readonly noises: readonly (number | undefined)[];
  readonly hours: number;
  readonly words: number;
}

export const HELP = `Forced alignment: how far word edges are from the truth, and what an hour of audio takes.

Usage: npm run bench -- align [options]
  --only LIST        of ${PARTS.join(', ')} (default all)
  --clips N          clips joined from single words (default 54)
  --noise LIST       deviations of white noise over the clips; 0 is none (default 0)
  --hours N          of made-up logits in the speed test (default 1)
  --words N          words an hour, 5.4 letters each (default 10000)
`;

const OPTIONS = {
  only: { type: 'string', default: PARTS.join(',') },
  clips: { type: 'string', default: '54' },
  noise: { type: 'string', default: '0' },
  hours: { type: 'string', default: '1' },
  words: { type: 'string', default: '10000' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseOptions(argv: readonly string[]): AlignBenchOptions | undefined {
  const values = suiteOptions(argv, OPTIONS);
  if (values.help) return undefined;
  return {
    parts: list('--only', values.only, PARTS),
    clipCount: count('--clips', values.clips),
    noises: values.noise.split(',').map((text) => (text === '0' ? undefined : positive('--noise', text))),
    hours: positive('--hours', values.hours),
    words: count('--words', values.words),
  };
}
