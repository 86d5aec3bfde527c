/** The command line of `npm run bench -- decode`. */
import { count, positive } from '../lib/option-values.ts';
import { suiteOptions } from '../lib/suite-options.ts';

export interface DecodeBenchOptions {
  readonly seconds: number;
  readonly clipCount: number;
  readonly rounds: number;
  readonly beamWidth: number;
  readonly python: string;
}

export const HELP = `Beam search with and without a language model, beside pyctcdecode on the same logits where a Python has it.

Usage: npm run bench -- decode [options]
  --seconds N        of speech in a clip (default 10)
  --clips N          clips of a run (default 3)
  --rounds N         paired rounds, in both orders in turn (default 7)
  --beam N           beam width (default 100)
  --python PATH      a Python with pyctcdecode and kenlm (default: UNISPEECH_PYTHON, else python3)
`;

const OPTIONS = {
  seconds: { type: 'string', default: '10' },
  clips: { type: 'string', default: '3' },
  rounds: { type: 'string', default: '7' },
  beam: { type: 'string', default: '100' },
  python: { type: 'string', default: process.env.UNISPEECH_PYTHON ?? 'python3' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseOptions(argv: readonly string[]): DecodeBenchOptions | undefined {
  const values = suiteOptions(argv, OPTIONS);
  if (values.help) return undefined;
  return {
    seconds: positive('--seconds', values.seconds),
    clipCount: count('--clips', values.clips),
    rounds: count('--rounds', values.rounds),
    beamWidth: count('--beam', values.beam),
    python: values.python,
  };
}
