/** `npm run bench -- memory`: what a model takes on the device and in this process, beside what the doctor says before anything is loaded. */
import { parseArgs } from 'node:util';
import { platform } from '#platform';
import { ensureVulkan } from '../../scripts/software-vulkan.mjs';
import { estimateMemory } from '../../src/doctor/estimate-memory.ts';
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { openSharedContext } from '../../src/gpu/context.ts';
import { DTYPES, isDtype, type Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { serveIfEngine } from '../e2e/engine-worker.ts';
import { measureMemory } from '../e2e/suite.ts';
import { benchConfig } from '../lib/bench-config.ts';
import { ensureCheckpoint, isModelName, MODEL_NAMES, type CheckpointName } from '../lib/checkpoints.ts';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log, runSuite } from '../lib/run-suite.ts';
import { BenchUsageError } from '../lib/usage-error.ts';
import { loadArchitecture } from '../../src/speech/heads/architecture.ts';

const HELP = `Memory of models: on the device, beside the doctor's estimate, and in a process.

Usage: npm run bench -- memory [options]
  --models LIST      of ${MODEL_NAMES.join(', ')} (default mms-1b, which writes 3.9 GB)
  --dtypes LIST      of ${DTYPES.join(', ')} (default q8,q4)
  --seconds N        length of audio (default 1)
`;

/** The most that a model may take on the device, in bytes, where that was promised. */
const PROMISED_BYTE_LENGTH: Partial<Record<`${CheckpointName} ${Dtype}`, number>> = { 'mms-1b q4': 700e6 };

interface MemoryOptions {
  readonly models: readonly CheckpointName[];
  readonly dtypes: readonly Dtype[];
  readonly seconds: number;
}

/** @returns undefined where help is asked for. @throws BenchUsageError. */
function parseOptions(args: readonly string[]): MemoryOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      models: { type: 'string', default: 'mms-1b' },
      dtypes: { type: 'string', default: 'q8,q4' },
      seconds: { type: 'string', default: '1' },
    },
  });
  if (values.help) return undefined;
  const models = values.models.split(',').map((name) => {
    if (!isModelName(name))
      throw new BenchUsageError(`--models: "${name}" is none of ${MODEL_NAMES.join(', ')}`);
    return name;
  });
  const dtypes = values.dtypes.split(',').map((dtype) => {
    if (!isDtype(dtype)) throw new BenchUsageError(`--dtypes: "${dtype}" is none of ${DTYPES.join(', ')}`);
    return dtype;
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new BenchUsageError(`--seconds: "${values.seconds}" is no positive number`);
  return { models, dtypes, seconds };
}

async function readCapabilities(): Promise<GpuCapabilities> {
  ensureVulkan();
  const context = await openSharedContext(platform);
  context.release();
  return context.capabilities;
}

const megabytes = (byteLength: number): string => (byteLength / 1e6).toFixed(1);

/** Returns the exit code: 1 where a model takes more than the estimate, or the estimate is more than was promised. */
async function bench({ models, dtypes, seconds }: MemoryOptions): Promise<number> {
  const capabilities = await readCapabilities();
  const header = ['model', 'weights', 'on device: weights MB', 'activations MB', 'sum MB', 'estimate MB'];
  const rows = [[...header, 'promised MB', 'process: peak MB', 'loading + MB', 'running + MB', '']];
  for (const model of models) {
    log(`${model}: preparing the checkpoint`);
    const { folder } = await ensureCheckpoint(model);
    for (const dtype of dtypes) {
      log(`${model}, ${dtype}: loading and running ${seconds} s`);
      const engine = { engine: 'unispeech-webgpu', location: folder, dtype, head: 'ctc' } as const;
      const { run, report } = await measureMemory(engine, seconds);
      const onDevice = run.weightByteLength + report.activationByteLength;
      const architecture = await loadArchitecture(benchConfig(model), CTC_HEAD);
      const estimate = estimateMemory(architecture, capabilities, { dtype, seconds });
      const promised = PROMISED_BYTE_LENGTH[`${model} ${dtype}`];
      const isGood = onDevice <= estimate.byteLength && estimate.byteLength <= (promised ?? Infinity);
      // On a software adapter the weights are this process's memory, too.
      const baseline = run.baselineByteLength + (report.isSoftwareAdapter ? run.weightByteLength : 0);
      rows.push([
        model,
        dtype,
        ...[run.weightByteLength, report.activationByteLength, onDevice, estimate.byteLength].map(megabytes),
        promised === undefined ? '–' : megabytes(promised),
        ...[run.peakByteLength, run.loadPeakByteLength - baseline, run.peakByteLength - baseline].map(
          megabytes,
        ),
        isGood ? 'fits' : 'TOO MUCH',
      ]);
    }
  }
  const environment = { ...readEnvironment(), adapter: capabilities.adapter };
  process.stdout.write(
    `${JSON.stringify(environment)}\n\n${markdownTable(rows, [2, 3, 4, 5, 6, 7, 8, 9])}\n`,
  );
  return rows.some((row) => row.at(-1) === 'TOO MUCH') ? 1 : 0;
}

if (!serveIfEngine(process.argv.slice(2))) await runSuite(HELP, parseOptions, bench);
