/**
 * The mutation harness: `npm run fuzz -- [--seconds N] [--mutants N] [--seed S] [--parser NAME]`. See docs/fuzzing.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runChild, type ChildJob } from './child.ts';
import { formatMarkdown, formatText } from './report.ts';
import { runTarget, type SupervisorOptions, type TargetReport } from './supervisor.ts';
import { remake } from './target.ts';
import { findTarget, TARGETS } from './targets/index.ts';

const DEFAULT_SECONDS = 10;

function parseOptions() {
  const { values } = parseArgs({
    options: {
      /** For each parser. Default 10, or none where the number of mutants is given. */
      seconds: { type: 'string' },
      mutants: { type: 'string' },
      seed: { type: 'string', default: '1' },
      /** May be given several times. */
      parser: { type: 'string', multiple: true },
      /** Runs this one alone and prints what comes of it. */
      mutant: { type: 'string' },
      /** Folder for the inputs of faults. */
      save: { type: 'string' },
      /** Parsers at a time. */
      jobs: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const count = (name: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isFinite(value) && value >= 0) return value;
    throw new Error(`--${name} is "${text}", expected a number of at least 0`);
  };
  const mutant = count('mutant', values.mutant);
  const mutants = count('mutants', values.mutants);
  const seconds = count('seconds', values.seconds);
  const isBounded = mutants !== undefined || mutant !== undefined;
  return {
    targets: values.parser?.map(findTarget) ?? TARGETS,
    run: {
      seed: count('seed', values.seed) ?? 1,
      from: mutant ?? 0,
      to: mutant === undefined ? (mutants ?? Number.MAX_SAFE_INTEGER) : mutant + 1,
      seconds: seconds ?? (isBounded ? undefined : DEFAULT_SECONDS),
      verbose: mutant !== undefined,
    } satisfies SupervisorOptions,
    jobs: Math.max(1, count('jobs', values.jobs) ?? os.availableParallelism()),
    save: values.save,
    format: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
  } as const;
}

async function main(): Promise<void> {
  const { targets, run, jobs, save, format } = parseOptions();
  const waiting = [...targets];
  const reports = new Map<string, TargetReport>();
  const work = async (): Promise<void> => {
    for (let target = waiting.shift(); target; target = waiting.shift()) {
      const report = await runTarget(target, run);
      reports.set(target.name, report);
      if (format !== 'json') process.stderr.write(`${formatText(report, run.seed)}\n`);
      if (save !== undefined) await saveFaults(report, run.seed, save);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const inOrder = targets.flatMap(({ name }) => reports.get(name) ?? []);
  if (format === 'json') console.log(JSON.stringify(inOrder));
  if (format === 'markdown') console.log(formatMarkdown(inOrder, run.seed));
  process.exitCode = inOrder.some(({ faults }) => faults.length > 0) ? 1 : 0;
}

async function saveFaults({ target, faults }: TargetReport, seed: number, folder: string): Promise<void> {
  const found = findTarget(target);
  const make = await found.prepare();
  mkdirSync(folder, { recursive: true });
  for (const { mutant } of faults) {
    const file = path.join(folder, `${target}-${seed}-${mutant}.${found.extension}`);
    writeFileSync(file, remake(make, seed, target, mutant).content());
  }
}

const [flag, job] = process.argv.slice(2);
if (flag === '--child' && job !== undefined) await runChild(JSON.parse(job) as ChildJob);
else await main();
