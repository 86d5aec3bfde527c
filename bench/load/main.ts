/**
 * `npm run bench -- load`: how long the same weights take from `pytorch_model.bin` and from safetensors, and in PyTorch where a Python has it.
 * Kernels are compiled and checked before, so that nearly all of the time is reading and uploading.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { platform } from '#platform';
import { ensureVulkan } from '../../scripts/software-vulkan.mjs';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { openSharedContext } from '../../src/gpu/context.ts';
import { folderFiles } from '../../src/platform/node-files.ts';
import { AutoModelForCTC } from '../../src/speech/auto.ts';
import { ensureCheckpoint, isModelName, MODEL_NAMES, readIntoPageCache } from '../lib/checkpoints.ts';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { pairedRatio, type Spread, spread } from '../lib/statistics.ts';
import { BenchUsageError } from '../lib/usage-error.ts';
import { ensurePytorchTwin } from './pytorch-file.ts';

const HELP = `Loading of safetensors and pytorch_model.bin.

Usage: npm run bench -- load [options]
  --models LIST      of ${MODEL_NAMES.join(', ')} (default base)
  --rounds N         paired rounds, in both orders in turn (default 10)
  --python PATH      a Python with torch and transformers, to time torch.load too (default: UNISPEECH_PYTHON, else python3)
`;

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** What is timed in a round, for both files. */
interface Way {
  readonly name: string;
  readonly load: (folder: string) => Promise<void>;
}

const WAYS: readonly Way[] = [
  {
    name: 'from_pretrained',
    async load(folder) {
      const model = await AutoModelForCTC.from_pretrained(folder, { tune: 'off' });
      await model.dispose();
    },
  },
  {
    name: 'reading alone',
    async load(folder) {
      const checkpoint = await openCheckpoint(folderFiles(folder));
      for (const name of checkpoint.tensors.keys()) {
        const slices = checkpoint.read(name)[Symbol.asyncIterator]();
        while (!(await slices.next()).done);
      }
      await checkpoint.close();
    },
  },
];

async function timed(work: Promise<void>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

/** Milliseconds of every round; the control is the safetensors file once more. */
interface Rounds {
  readonly safetensors: readonly number[];
  readonly pytorch: readonly number[];
  readonly control: readonly number[];
}

async function measure({ load }: Way, safetensors: string, pytorch: string, rounds: number): Promise<Rounds> {
  const times = { safetensors: [] as number[], pytorch: [] as number[], control: [] as number[] };
  await load(safetensors);
  await load(pytorch);
  for (let round = 0; round < rounds; round++) {
    const turns = [
      ['control', safetensors],
      ['safetensors', safetensors],
      ['pytorch', pytorch],
    ] as const;
    for (const [name, folder] of round % 2 === 0 ? turns : [...turns].reverse()) {
      times[name].push(await timed(load(folder)));
    }
  }
  return times;
}

/** Undefined where there is no such Python, or it has no PyTorch. */
function measureTorch(python: string, folder: string, rounds: number) {
  const args = ['bench/load/torch_load.py', folder, String(rounds)];
  const { status, stdout, stderr, error } = spawnSync(python, args, { encoding: 'utf8' });
  if (status === 0)
    return JSON.parse(stdout) as { readonly versions: string; readonly milliseconds: readonly number[] };
  const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  log(
    `Without PyTorch: ${python} gave nothing (${reason}). Give --python PATH, one with torch and transformers.`,
  );
  return undefined;
}

const cells = ({ median, min, max }: Spread, digits: number): string[] =>
  [median, min, max].map((value) => value.toFixed(digits));

async function bench(models: readonly string[], rounds: number, python: string): Promise<void> {
  ensureVulkan();
  // Held, so that kernels stay compiled from one load to the next.
  const context = await openSharedContext(platform);
  const rows: string[][] = [];
  try {
    for (const model of models) {
      if (!isModelName(model))
        throw new BenchUsageError(`--models: "${model}" is none of ${MODEL_NAMES.join(', ')}`);
      log(`${model}: preparing both files`);
      const { folder, weightsFile } = await ensureCheckpoint(model);
      const twin = await ensurePytorchTwin(folder);
      for (const file of [weightsFile, path.join(twin, 'pytorch_model.bin')]) await readIntoPageCache(file);
      for (const way of WAYS) {
        log(`${model}: ${way.name}, ${rounds} rounds`);
        const { safetensors, pytorch, control } = await measure(way, folder, twin, rounds);
        rows.push([model, `${way.name}, safetensors, ms`, ...cells(spread(safetensors), 0)]);
        rows.push([model, `${way.name}, pytorch_model.bin, ms`, ...cells(spread(pytorch), 0)]);
        rows.push([model, `${way.name}, ratio`, ...cells(pairedRatio(pytorch, safetensors), 3)]);
        rows.push([
          model,
          `${way.name}, ratio of the control`,
          ...cells(pairedRatio(control, safetensors), 3),
        ]);
      }
      const torch = measureTorch(python, twin, rounds);
      if (torch)
        rows.push([
          model,
          `torch.load + load_state_dict, ms (${torch.versions})`,
          ...cells(spread(torch.milliseconds), 0),
        ]);
    }
  } finally {
    context.release();
  }
  const header = ['model', 'what', 'median', 'least', 'most'];
  process.stdout.write(
    `${JSON.stringify({ ...readEnvironment(), adapter: context.capabilities.adapter })}\n\n${markdownTable([header, ...rows], [2, 3, 4])}\n`,
  );
}

try {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      models: { type: 'string', default: 'base' },
      rounds: { type: 'string', default: '10' },
      python: { type: 'string', default: process.env.UNISPEECH_PYTHON ?? 'python3' },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new BenchUsageError(`--rounds: "${values.rounds}" is no whole number above 0`);
  if (values.help) process.stdout.write(HELP);
  else await bench(values.models.split(','), rounds, values.python);
} catch (error) {
  log(error instanceof BenchUsageError ? `${error.message}\n\n${HELP}` : String(error));
  process.exitCode = 1;
}
