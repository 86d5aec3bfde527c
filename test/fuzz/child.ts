/**
 * The process that runs the mutants of one target. What comes of each is one byte of the outcomes file, written before and
 * after it runs: whatever happens to this process, the parent knows every outcome so far and the mutant that was under way.
 */
import { appendFileSync, openSync, writeSync } from 'node:fs';
import { judge, LIMITS, OUTCOMES, UNDER_WAY } from './judge.ts';
import { remake } from './target.ts';
import { findTarget } from './targets/index.ts';

export interface ChildJob {
  readonly target: string;
  readonly seed: number;
  /** Mutants `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** No mutant is begun after this time, in milliseconds since 1970. */
  readonly endsAt: number | undefined;
  readonly outcomesFile: string;
  /** A JSON object of `FaultLine` a line. */
  readonly faultsFile: string;
  /** Prints the outcome of every mutant. */
  readonly verbose: boolean;
}

export interface FaultLine {
  readonly mutant: number;
  readonly fault: string;
  readonly description: string;
}

/** Garbage collection takes as long as many mutants. */
const MUTANTS_PER_MEMORY_CHECK = 2000;

export async function runChild(job: ChildJob): Promise<void> {
  const make = await findTarget(job.target).prepare();
  const outcomes = openSync(job.outcomesFile, 'r+');
  const mark = (mutant: number, outcome: number): void => {
    writeSync(outcomes, Uint8Array.of(outcome), 0, 1, mutant);
  };
  let mutant = job.from;
  const report = (fault: string): void => {
    const { description } = remake(make, job.seed, job.target, mutant);
    const line: FaultLine = { mutant, fault, description };
    appendFileSync(job.faultsFile, `${JSON.stringify(line)}\n`);
  };
  // The parser's own warnings are of no interest here.
  console.warn = () => undefined;
  process.on('unhandledRejection', (error) => report(`unhandled rejection: ${String(error).slice(0, 300)}`));

  let keptAtFirst: number | undefined;
  for (; mutant < job.to; mutant += 1) {
    if (job.endsAt !== undefined && Date.now() > job.endsAt) break;
    mark(mutant, UNDER_WAY);
    const verdict = await judge(() => remake(make, job.seed, job.target, mutant));
    if (verdict.fault !== undefined) report(verdict.fault);
    if (job.verbose) console.log(`${mutant}: ${verdict.fault ?? verdict.message ?? verdict.outcome}`);
    mark(mutant, (OUTCOMES as readonly string[]).indexOf(verdict.outcome));
    if ((mutant - job.from) % MUTANTS_PER_MEMORY_CHECK !== MUTANTS_PER_MEMORY_CHECK / 4) continue;
    const kept = keptByteLength();
    keptAtFirst ??= kept;
    if (kept - keptAtFirst < LIMITS.keptByteLength) continue;
    report(`memory: ${Math.round((kept - keptAtFirst) / 1e6)} MB kept after ${mutant - job.from} mutants`);
    mark(mutant, OUTCOMES.indexOf('fault'));
    keptAtFirst = kept;
  }
  // Servers and decoders of a target may hold the process.
  process.exit(0);
}

function keptByteLength(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
