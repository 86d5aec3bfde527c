/** The command line of `npm run bench -- kernels`. */
import { DTYPES, isDtype } from '../../src/speech/encoder/weight-dtype.ts';
import { isModelName, MODEL_NAMES } from '../lib/checkpoints.ts';
import { DEFAULT_CLOCK, DEFAULT_LIMIT_MILLISECONDS, type CaseChoice } from './choice.ts';
import { positive } from '../lib/option-values.ts';
import { suiteOptions } from '../lib/suite-options.ts';
import { BenchUsageError } from '../lib/usage-error.ts';

export { formatCommand } from './choice.ts';

export interface KernelsOptions extends CaseChoice {
  readonly jsonFile: string | undefined;
  readonly compareFile: string | undefined;
  readonly markdown: boolean;
}

export const HELP = `Every kernel and variant on the shapes that models use: checked, then timed against this adapter's own peak.

Usage: npm run bench -- kernels [options]
  --models LIST      of ${MODEL_NAMES.join(', ')} (default base,large)
  --seconds LIST     lengths of audio (default 1,5,15,30)
  --dtype TYPE       weights: ${DTYPES.join(', ')} (default fp32)
  --kernel TEXT      only cases or kernels whose name holds this text
  --chosen           only the static choice of kernels, not their twins
  --rounds N         timings of each kernel, interleaved (default 7)
  --limit-ms N       kernels that take longer for one dispatch are named but not timed (default ${DEFAULT_LIMIT_MILLISECONDS})
  --clock KIND       auto, timestamps or host (default ${DEFAULT_CLOCK})
  --json FILE        also write everything measured
  --compare FILE     compare with an earlier --json FILE
  --markdown         print the block for bench/RESULTS.md instead of a plain table
`;

const OPTIONS = {
  models: { type: 'string', default: 'base,large' },
  seconds: { type: 'string', default: '1,5,15,30' },
  dtype: { type: 'string', default: 'fp32' },
  kernel: { type: 'string', default: '' },
  chosen: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '7' },
  'limit-ms': { type: 'string', default: String(DEFAULT_LIMIT_MILLISECONDS) },
  clock: { type: 'string', default: DEFAULT_CLOCK },
  json: { type: 'string' },
  compare: { type: 'string' },
  markdown: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseOptions(argv: readonly string[]): KernelsOptions | undefined {
  const values = suiteOptions(argv, OPTIONS);
  if (values.help) return undefined;
  const models = values.models.split(',').map((name) => {
    if (!isModelName(name))
      throw new BenchUsageError(`--models: "${name}" is none of ${MODEL_NAMES.join(', ')}`);
    return name;
  });
  const { dtype, clock } = values;
  if (!isDtype(dtype)) throw new BenchUsageError(`--dtype: "${dtype}" is none of ${DTYPES.join(', ')}`);
  if (clock !== 'auto' && clock !== 'timestamps' && clock !== 'host')
    throw new BenchUsageError(`--clock: "${clock}" is none of auto, timestamps, host`);
  return {
    models,
    seconds: values.seconds.split(',').map((text) => positive('--seconds', text)),
    dtype,
    kernel: values.kernel,
    chosenOnly: values.chosen,
    rounds: positive('--rounds', values.rounds),
    limitMilliseconds: positive('--limit-ms', values['limit-ms']),
    clock,
    jsonFile: values.json,
    compareFile: values.compare,
    markdown: values.markdown,
  };
}
