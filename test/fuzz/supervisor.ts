/** Runs targets in child processes, watches them, and starts them again behind a mutant that hangs or ends one. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildJob, FaultLine } from './child.ts';
import { OUTCOMES, UNDER_WAY } from './judge.ts';
import { remake, type Target } from './target.ts';

/** A mutant that takes this long is not waited for: several times the limit, as the machine may be busy. */
const HANG_MILLISECONDS = 10_000;
/** Starting Node and reading the seeds. */
const START_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 250;
/** Hangs and crashes after which a target is given up. */
const MAX_RESTARTS = 20;

export interface SupervisorOptions {
  readonly seed: number;
  /** Mutants `[from, to)`; `to` may be Infinity where there is an end in time. */
  readonly from: number;
  readonly to: number;
  /** For each target. */
  readonly seconds: number | undefined;
  readonly verbose: boolean;
}

export interface TargetReport {
  readonly target: string;
  readonly about: string;
  readonly mutantCount: number;
  readonly seconds: number;
  /** By outcome, of those that occurred. */
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly FaultLine[];
}

export async function runTarget(target: Target, options: SupervisorOptions): Promise<TargetReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-fuzz-'));
  const outcomesFile = path.join(folder, 'outcomes');
  const faultsFile = path.join(folder, 'faults');
  writeFileSync(outcomesFile, '');
  const start = performance.now();
  const endsAt = options.seconds === undefined ? undefined : Date.now() + options.seconds * 1000;
  const isOver = (): boolean => endsAt !== undefined && Date.now() > endsAt;
  const faults: FaultLine[] = [];
  try {
    let { from } = options;
    for (let restarts = 0; from < options.to && !isOver(); restarts += 1) {
      const job = { ...options, target: target.name, from, endsAt, outcomesFile, faultsFile };
      const end = await runOnce(job);
      if (end === undefined) break;
      const stuck = readFileSync(outcomesFile).indexOf(UNDER_WAY, options.from);
      if (stuck < 0 || restarts === MAX_RESTARTS) {
        const fault = stuck < 0 ? `${end}, with no mutant under way` : `given up after ${restarts} restarts`;
        faults.push({ mutant: from, fault, description: '' });
        break;
      }
      faults.push({ mutant: stuck, fault: end, description: await describe(target, options.seed, stuck) });
      markAsFault(outcomesFile, stuck);
      from = stuck + 1;
    }
    const outcomes = readFileSync(outcomesFile).subarray(options.from);
    const counts: Record<string, number> = {};
    for (const outcome of outcomes) {
      const name = OUTCOMES[outcome];
      if (name) counts[name] = (counts[name] ?? 0) + 1;
    }
    if (existsSync(faultsFile)) {
      const lines = readFileSync(faultsFile, 'utf8').trimEnd().split('\n');
      faults.push(...lines.map((line) => JSON.parse(line) as FaultLine));
    }
    return {
      target: target.name,
      about: target.about,
      mutantCount: outcomes.length,
      seconds: (performance.now() - start) / 1000,
      counts,
      faults: faults.toSorted((a, b) => a.mutant - b.mutant),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a child to its end. Resolves to what is wrong with how it ended. */
function runOnce(job: ChildJob): Promise<string | undefined> {
  // This file is part of one bundle, which is also what the child runs. See scripts/run-ts.mjs.
  const script = fileURLToPath(import.meta.url);
  const flags = ['--expose-gc', '--max-old-space-size=1500'];
  const child = spawn(process.execPath, [...flags, script, '--child', JSON.stringify(job)], {
    stdio: ['ignore', 'inherit', 'pipe'],
    // Without a PATH there is no ffmpeg, which takes what this engine does not read: results are the same everywhere.
    env: { ...process.env, PATH: '' },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
  const progress = (): string => {
    const outcomes = readFileSync(job.outcomesFile);
    return `${outcomes.length} ${outcomes.at(-1) ?? 0}`;
  };
  return new Promise((resolve) => {
    let last = progress();
    const untouched = last;
    let since = Date.now();
    let isHanging = false;
    const timer = setInterval(() => {
      const now = progress();
      if (now !== last) {
        last = now;
        since = Date.now();
      } else if (Date.now() - since > (now === untouched ? START_MILLISECONDS : HANG_MILLISECONDS)) {
        isHanging = true;
        child.kill('SIGKILL');
      }
    }, POLL_MILLISECONDS);
    child.on('close', (code, signal) => {
      clearInterval(timer);
      if (isHanging) resolve(`hang: nothing for ${HANG_MILLISECONDS / 1000} s`);
      else if (code === 0) resolve(undefined);
      else resolve(`crash: ${signal ?? `exit code ${code}`}: ${stderr.trim().slice(-600)}`);
    });
  });
}

async function describe(target: Target, seed: number, mutant: number): Promise<string> {
  return remake(await target.prepare(), seed, target.name, mutant).description;
}

function markAsFault(outcomesFile: string, mutant: number): void {
  const outcomes = readFileSync(outcomesFile);
  outcomes[mutant] = OUTCOMES.indexOf('fault');
  writeFileSync(outcomesFile, outcomes);
}
