/** The order of measuring one workload: every result is checked, then engines take turns. */
import { relativeDifference } from '../lib/statistics.ts';
import { mayBeSameAdapter } from './adapter.ts';
import type { Workload } from './engine.ts';
import { differenceFromSamples, REFERENCE_TOLERANCE, referenceSamples } from './references.ts';
import {
  OURS,
  type ComparedEngine,
  type EngineRow,
  type PeerName,
  type Problem,
  type ProblemKind,
  type WorkloadResult,
} from './results.ts';
import type { EngineHandle, Venue } from './venue.ts';
import { flopsOf, workloadData } from './workloads.ts';

/** Two engines that differ by more do not compute the same thing. */
const PEER_TOLERANCE = 1e-3;
/** Time of an engine's turn: short work is repeated until it has passed. */
const TURN_MILLISECONDS = 100;
/** For a model to load and compile on the slowest software adapter. */
const ANSWER_SECONDS = 600;

export interface PeerMeasureOptions {
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  readonly limitSeconds: number;
  readonly log: (line: string) => void;
}

class ProblemError extends Error {
  constructor(
    readonly kind: ProblemKind,
    message: string,
  ) {
    super(message);
  }
}

/** An engine with the work prepared, and what its checked run gave. */
interface Started {
  readonly handle: EngineHandle;
  readonly row: EngineRow;
  readonly flops: number | undefined;
  readonly output: Float32Array;
}

/** Measures one workload; processes and pages are new and end with it, so that one engine's failure is its own. */
export async function measureWorkload(
  venue: Venue,
  workload: Workload,
  options: PeerMeasureOptions,
): Promise<WorkloadResult> {
  const { log } = options;
  const label = `${venue.facts.venue}, ${workload.name}`;
  const running = new Set<EngineHandle>();
  const stop = async (handle: EngineHandle): Promise<void> => {
    running.delete(handle);
    await handle.stop();
  };
  try {
    const start = async (engine: ComparedEngine): Promise<Started> => {
      log(`${label}: ${engine} prepares and is checked`);
      const handle = await startInTime(venue, engine);
      running.add(handle);
      try {
        return await prepare(handle, engine, workload, options.limitSeconds);
      } catch (error) {
        await stop(handle);
        throw error;
      }
    };
    const result = { venue: venue.facts.venue, workload: workload.name };
    let ours: Started;
    let control: Started;
    try {
      ours = withDifference(await start(OURS), workload);
      control = await start(OURS);
      if (relativeDifference(control.output, ours.output) !== 0)
        throw new ProblemError('wrong', 'Two processes of this engine computed different results.');
    } catch (error) {
      const row: EngineRow = { engine: OURS, problem: problemOf(error), milliseconds: [] };
      return { ...result, flops: flopsOf(workload), rows: [row], controlMilliseconds: [] };
    }
    const others: (Started | EngineRow)[] = [];
    for (const peer of options.peers) {
      try {
        const started = await start(peer);
        const other = comparedWith(ours, started);
        if (!('handle' in other)) await stop(started.handle);
        others.push(other);
      } catch (error) {
        others.push({ engine: peer, problem: problemOf(error), milliseconds: [] });
      }
    }
    log(`${label}: ${options.rounds} rounds`);
    const timed = [control, ours, ...others.filter((other) => 'handle' in other)];
    const times = await interleave(timed, options.rounds, stop);
    const rowOf = (other: Started | EngineRow): EngineRow =>
      'handle' in other ? { ...other.row, ...times.get(other) } : other;
    return {
      ...result,
      flops: flopsOf(workload) ?? ours.flops,
      rows: [rowOf(ours), ...others.map(rowOf)],
      controlMilliseconds: times.get(control)?.milliseconds ?? [],
    };
  } finally {
    await Promise.all([...running].map(stop));
  }
}

async function prepare(
  handle: EngineHandle,
  engine: ComparedEngine,
  workload: Workload,
  limitSeconds: number,
): Promise<Started> {
  const { name, version, adapter } = await inTime(handle.request('open', undefined));
  const { flops, remark } = await inTime(handle.request('prepare', { workload }));
  const { milliseconds, output } = await inTime(handle.request('output', undefined));
  if (milliseconds > 1000 * limitSeconds) {
    throw new ProblemError(
      'slow',
      `One run takes ${(milliseconds / 1000).toFixed(0)} s here, and --limit-s is ${limitSeconds}.`,
    );
  }
  return {
    handle,
    row: { engine, packageName: name, version, adapter, remark, milliseconds: [] },
    flops,
    output,
  };
}

/** An engine that is there only after it was given up is ended then. @throws Error as `inTime` does. */
async function startInTime(venue: Venue, engine: ComparedEngine): Promise<EngineHandle> {
  const starting = venue.start(engine);
  try {
    return await inTime(starting);
  } catch (error) {
    void starting.then((handle) => handle.stop()).catch(() => undefined);
    throw error;
  }
}

/** @throws Error where an engine hangs, which must not end the comparison of the others. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`It gave no answer within ${ANSWER_SECONDS} s.`)),
      1000 * ANSWER_SECONDS,
    );
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws ProblemError where this engine's own result is not right. */
function withDifference(ours: Started, workload: Workload): Started {
  const samples = referenceSamples(workload, workloadData(workload));
  if (samples === undefined) return ours;
  const difference = differenceFromSamples(ours.output, samples);
  if (!(difference <= REFERENCE_TOLERANCE)) {
    throw new ProblemError(
      'wrong',
      `The result differs from float64 by ${difference.toExponential(1)} of the largest, at most ${REFERENCE_TOLERANCE} is allowed.`,
    );
  }
  return { ...ours, row: { ...ours.row, relativeDifference: difference } };
}

/** @returns a row without timings where the peer computes something else, or elsewhere. */
function comparedWith(ours: Started, peer: Started): Started | EngineRow {
  const difference = relativeDifference(peer.output, ours.output);
  const row = { ...peer.row, relativeDifference: difference };
  const [adapter = '', expected = ''] = [peer.row.adapter, ours.row.adapter];
  if (!mayBeSameAdapter(adapter, expected)) {
    const message = `It runs on "${adapter}", this engine on "${expected}".`;
    return { ...row, problem: { kind: 'other-adapter', message } };
  }
  if (!(difference <= PEER_TOLERANCE)) {
    const message = `Its result differs from this engine's by ${difference.toExponential(1)} of the largest, at most ${PEER_TOLERANCE} is allowed.`;
    return { ...row, problem: { kind: 'wrong', message } };
  }
  return { ...peer, row };
}

/** Engines in turn within a round. One that fails in between is stopped and keeps its reason, and the others go on. */
async function interleave(
  engines: readonly Started[],
  rounds: number,
  stop: (handle: EngineHandle) => Promise<void>,
): Promise<Map<Started, Pick<EngineRow, 'milliseconds' | 'problem'>>> {
  const times = new Map(engines.map((engine) => [engine, [] as number[]]));
  const problems = new Map<Started, Problem>();
  for (let round = 0; round < rounds; round++) {
    for (const engine of engines) {
      if (problems.has(engine)) continue;
      try {
        const turn = await inTime(engine.handle.request('time', { milliseconds: TURN_MILLISECONDS }));
        times.get(engine)?.push(turn.milliseconds);
      } catch (error) {
        problems.set(engine, problemOf(error));
        await stop(engine.handle);
      }
    }
  }
  return new Map(
    engines.map((engine) => {
      const problem = problems.get(engine);
      return [
        engine,
        problem ? { problem, milliseconds: [] } : { milliseconds: times.get(engine) ?? [] },
      ] as const;
    }),
  );
}

/** The message alone: without the name of the worker and of the class in front, and without the stack behind. */
export function problemOf(error: unknown): Problem {
  const kind = error instanceof ProblemError ? error.kind : 'cannot';
  const text = error instanceof Error ? error.message : String(error);
  const message = (text.split(/\n\s+at /)[0] ?? text).replace(/^[\w.-]+: (?:\w*Error: )?/, '').trim();
  return { kind, message: `${message.charAt(0).toUpperCase()}${message.slice(1)}` };
}
