/** The command line of `npm run bench -- e2e`. */
import { DTYPES, isDtype, type Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import { HEAD_NAMES, isHeadName, type HeadName } from './heads.ts';
import { isModelName, MODEL_NAMES, type CheckpointName } from '../lib/checkpoints.ts';
import { count, positive } from '../lib/option-values.ts';
import { suiteOptions } from '../lib/suite-options.ts';
import { BenchUsageError } from '../lib/usage-error.ts';

export interface E2eOptions {
  readonly models: readonly CheckpointName[];
  readonly seconds: readonly number[];
  /** Weights of this engine; the peer's are float32. */
  readonly dtype: Dtype;
  readonly head: HeadName;
  /** Paired rounds of steady runs. */
  readonly runs: number;
  /** Fresh processes for each load and first run. */
  readonly firstRuns: number;
  readonly peer: boolean;
  readonly python: string | undefined;
  readonly jsonFile: string | undefined;
  readonly traceFile: string | undefined;
  readonly markdown: boolean;
}

export const HELP = `Whole models end to end, beside onnxruntime-node's WebGPU provider where it is installed.

Usage: npm run bench -- e2e [options]
  --models LIST      of ${MODEL_NAMES.join(', ')} (default base,large)
  --seconds LIST     lengths of audio (default 1,5,15)
  --dtype TYPE       weights of this engine: ${DTYPES.join(', ')} (default fp32); the peer's are float32
  --head HEAD        ${HEAD_NAMES.join(', ')} (default ctc); the peer has ctc only, others are measured beside the bare encoder
  --runs N           steady runs of each engine, interleaved (default 5)
  --first-runs N     fresh processes for load and first run (default 1)
  --no-peer          only this engine
  --python PATH      a Python with bench/peers/requirements.txt, to export the peer's model where it is missing
  --json FILE        also write everything measured
  --trace FILE       also write one forward pass of the last case as a trace for https://ui.perfetto.dev
  --markdown         print the block for bench/RESULTS.md instead of plain tables
`;

const OPTIONS = {
  models: { type: 'string', default: 'base,large' },
  seconds: { type: 'string', default: '1,5,15' },
  dtype: { type: 'string', default: 'fp32' },
  head: { type: 'string', default: 'ctc' },
  runs: { type: 'string', default: '5' },
  'first-runs': { type: 'string', default: '1' },
  'no-peer': { type: 'boolean', default: false },
  python: { type: 'string' },
  json: { type: 'string' },
  trace: { type: 'string' },
  markdown: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseOptions(argv: readonly string[]): E2eOptions | undefined {
  const values = suiteOptions(argv, OPTIONS);
  if (values.help) return undefined;
  const models = values.models.split(',').map((name) => {
    if (!isModelName(name))
      throw new BenchUsageError(`--models: "${name}" is none of ${MODEL_NAMES.join(', ')}`);
    return name;
  });
  const { dtype, head, trace: traceFile } = values;
  if (!isDtype(dtype)) throw new BenchUsageError(`--dtype: "${dtype}" is none of ${DTYPES.join(', ')}`);
  if (!isHeadName(head)) throw new BenchUsageError(`--head: "${head}" is none of ${HEAD_NAMES.join(', ')}`);
  if (traceFile === '') throw new BenchUsageError('--trace needs the name of a file');
  return {
    models,
    seconds: values.seconds.split(',').map((text) => positive('--seconds', text)),
    dtype,
    head,
    runs: count('--runs', values.runs),
    firstRuns: count('--first-runs', values['first-runs']),
    peer: !values['no-peer'] && head === 'ctc',
    python: values.python,
    jsonFile: values.json,
    traceFile,
    markdown: values.markdown,
  };
}

/** The command that gives the same measurement, without what is particular to a machine. */
export function formatCommand({ models, seconds, dtype, head, runs, firstRuns, peer }: E2eOptions): string {
  const options = [`--models ${models.join(',')}`, `--seconds ${seconds.join(',')}`, `--runs ${runs}`];
  if (dtype !== 'fp32') options.push(`--dtype ${dtype}`);
  if (firstRuns !== 1) options.push(`--first-runs ${firstRuns}`);
  if (head !== 'ctc') options.push(`--head ${head}`);
  else if (!peer) options.push('--no-peer');
  return `npm run bench -- e2e ${options.join(' ')}`;
}
