/** The order of measuring: first runs in fresh processes, then steady runs in interleaved rounds. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { relativeDifference } from '../lib/statistics.ts';
import type { Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import type { CheckpointName } from '../lib/checkpoints.ts';
import type { Worker } from '../lib/worker.ts';
import type { Beside } from './beside.ts';
import type { EngineName, KernelReport, PlacementReport } from './engine.ts';
import type { HeadName } from './heads.ts';
import { startEngine, type EngineProtocol } from './engine-worker.ts';
import type { CaseResult, EngineResult, FirstRun } from './results.ts';

const SAMPLE_RATE = 16_000;
/** Two engines whose logits differ by more do not compute the same thing; weights in fewer bits round away some of it. */
const LARGEST_RELATIVE_DIFFERENCE: Readonly<Record<Dtype, number>> = {
  fp32: 1e-3,
  fp16: 3e-3,
  q8: 0.03,
  q4: 0.5,
};
/** Nodes of the peer that write more than this outside its WebGPU provider are real work, not arithmetic on shapes. */
const LARGEST_SHAPE_BYTE_LENGTH = 1024;

export interface EngineModel {
  readonly engine: EngineName;
  /** Checkpoint folder or ONNX file. */
  readonly location: string;
  /** Of the weights. */
  readonly dtype: Dtype;
  readonly head: HeadName;
}

export interface BesideEngine extends EngineModel {
  readonly beside: Beside;
}

export interface ModelRuns {
  readonly model: CheckpointName;
  readonly seconds: readonly number[];
  readonly runs: number;
  readonly firstRuns: number;
  readonly ours: EngineModel;
  /** Other models in this engine, timed in the same rounds. */
  readonly others: readonly BesideEngine[];
  readonly peer: EngineModel | undefined;
  readonly log: (line: string) => void;
}

export interface MeasuredCase {
  readonly result: CaseResult;
  readonly report: KernelReport;
}

/** Measures one model on all lengths; a case is handed out as soon as it is done. */
export async function* measureModel(options: ModelRuns): AsyncGenerator<MeasuredCase> {
  const { model, seconds, ours, peer, log } = options;
  using caches = new ShaderCaches();
  const engines = peer ? [ours, peer] : [ours];
  const firstRuns = new Map<string, FirstRun[]>();
  for (const length of seconds) {
    for (let round = 0; round < options.firstRuns; round++) {
      for (const engine of engines) {
        log(`${model}, ${length} s, ${engine.engine}: load and first run`);
        const key = `${engine.engine} ${length}`;
        firstRuns.set(key, [
          ...(firstRuns.get(key) ?? []),
          await measureFirstRun(engine, caches.cold(engine.engine), sampleCount(length)),
        ]);
      }
    }
  }
  const firstRunsOf = (engine: EngineName, length: number): FirstRun[] =>
    firstRuns.get(`${engine} ${length}`) ?? [];

  await using workers = new WorkerSet();
  // The control stands in front, so that each pair to be compared runs one right after the other.
  const control = await workers.loaded(ours, caches.warm(ours.engine));
  const main = await workers.loaded(ours, caches.warm(ours.engine));
  const otherWorkers: { readonly beside: Beside; readonly worker: Worker<EngineProtocol> }[] = [];
  for (const { beside, ...engine } of options.others)
    otherWorkers.push({ beside, worker: await workers.loaded(engine, caches.warm(engine.engine)) });
  const peerWorker = peer && (await workers.loaded(peer, caches.warm(peer.engine)));
  for (const length of seconds) {
    log(`${model}, ${length} s: ${options.runs} rounds`);
    const ask = { sampleCount: sampleCount(length) };
    const difference = await warmUp(
      main,
      control,
      peerWorker,
      ask.sampleCount,
      LARGEST_RELATIVE_DIFFERENCE[ours.dtype],
    );
    // The first run of a length counts nowhere.
    for (const { worker } of otherWorkers) await worker.request('run', ask);
    const rounds = {
      control: [] as number[],
      beside: otherWorkers.map(({ beside }) => ({ ...beside, milliseconds: [] as number[] })),
      ours: [] as number[],
      encode: [] as number[],
      peer: [] as number[],
    };
    for (let round = 0; round < options.runs; round++) {
      rounds.control.push((await control.request('run', ask)).milliseconds);
      for (const [index, { worker }] of otherWorkers.entries())
        rounds.beside[index]?.milliseconds.push((await worker.request('run', ask)).milliseconds);
      const run = await main.request('run', ask);
      rounds.ours.push(run.milliseconds);
      if (run.encodeMilliseconds !== undefined) rounds.encode.push(run.encodeMilliseconds);
      if (peerWorker) rounds.peer.push((await peerWorker.request('run', ask)).milliseconds);
    }
    const report = await main.request('report', ask);
    if (report.kind !== 'kernels') throw new Error('our engine gave no report of its kernels');
    const peerResult: EngineResult | undefined = peer && {
      engine: peer.engine,
      firstRuns: firstRunsOf(peer.engine, length),
      steadyMilliseconds: rounds.peer,
      encodeMilliseconds: [],
    };
    const result: CaseResult = {
      model,
      seconds: length,
      flops: report.flops,
      dispatchCount: report.dispatchCount,
      activationByteLength: report.activationByteLength,
      steps: report.steps,
      ours: {
        engine: ours.engine,
        firstRuns: firstRunsOf(ours.engine, length),
        steadyMilliseconds: rounds.ours,
        encodeMilliseconds: rounds.encode,
      },
      controlMilliseconds: rounds.control,
      beside: rounds.beside,
      peer: peerResult,
      peerRelativeDifference: difference,
    };
    yield { result, report };
  }
}

/**
 * Has the peer tell where its nodes ran.
 * @throws Error when real work ran elsewhere than on its WebGPU provider.
 */
export async function checkPlacement(peer: EngineModel): Promise<PlacementReport> {
  using caches = new ShaderCaches();
  await using workers = new WorkerSet();
  const worker = workers.start(peer, caches.cold(peer.engine));
  await worker.request('open', undefined);
  const report = await worker.request('report', { sampleCount: SAMPLE_RATE });
  if (report.kind !== 'placement') throw new Error(`${peer.engine} gave no report of its nodes`);
  if (report.webgpuNodeCount === 0 || !(report.largestOtherByteLength <= LARGEST_SHAPE_BYTE_LENGTH)) {
    throw new Error(
      `${peer.engine} ran ${report.otherNodeCount} of ${report.otherNodeCount + report.webgpuNodeCount} nodes outside WebGPU ` +
        `(${report.otherOperators.join(', ')}; up to ${report.largestOtherByteLength} bytes): its times would say nothing.`,
    );
  }
  return report;
}

const sampleCount = (seconds: number): number => Math.round(seconds * SAMPLE_RATE);

async function measureFirstRun(
  engine: EngineModel,
  cacheFolder: string,
  sampleCount: number,
): Promise<FirstRun> {
  await using workers = new WorkerSet();
  return await firstRunOf(workers.start(engine, cacheFolder), sampleCount);
}

/** One load and one run of our engine in a fresh process, and what its plan tells. */
export async function measureMemory(
  engine: EngineModel,
  seconds: number,
): Promise<{ readonly run: FirstRun; readonly report: KernelReport }> {
  using caches = new ShaderCaches();
  await using workers = new WorkerSet();
  const worker = workers.start(engine, caches.cold(engine.engine));
  const run = await firstRunOf(worker, sampleCount(seconds));
  const report = await worker.request('report', { sampleCount: sampleCount(seconds) });
  if (report.kind !== 'kernels') throw new Error(`${engine.engine} gave no report of its kernels`);
  return { run, report };
}

async function firstRunOf(worker: Worker<EngineProtocol>, sampleCount: number): Promise<FirstRun> {
  const opened = await worker.request('open', undefined);
  const loaded = await worker.request('load', undefined);
  const run = await worker.request('run', { sampleCount });
  return {
    loadMilliseconds: opened.milliseconds + loaded.milliseconds,
    runMilliseconds: run.milliseconds,
    baselineByteLength: opened.residentByteLength,
    weightByteLength: loaded.weightByteLength,
    loadPeakByteLength: loaded.peakByteLength,
    peakByteLength: run.peakByteLength,
  };
}

/** One run of each that is not timed; resolves to the difference of the peer's logits. @throws Error where they disagree. */
async function warmUp(
  ours: Worker<EngineProtocol>,
  control: Worker<EngineProtocol>,
  peer: Worker<EngineProtocol> | undefined,
  sampleCount: number,
  largestDifference: number,
): Promise<number | undefined> {
  const expected = await ours.request('run', { sampleCount });
  const repeated = await control.request('run', { sampleCount });
  if (relativeDifference(repeated.logits, expected.logits) !== 0) {
    throw new Error('two processes of unispeech-webgpu computed different logits');
  }
  if (peer === undefined) return undefined;
  const difference = relativeDifference((await peer.request('run', { sampleCount })).logits, expected.logits);
  if (!(difference <= largestDifference)) {
    throw new Error(
      `the peer's logits differ from ours by ${difference.toExponential(1)} of the largest, at most ${largestDifference} is allowed`,
    );
  }
  return difference;
}

/** Workers that end together, whatever happens. */
class WorkerSet {
  readonly #workers: Worker<EngineProtocol>[] = [];

  /** @param cacheFolder where the graphics driver keeps compiled shaders. */
  start({ engine, location, dtype, head }: EngineModel, cacheFolder: string): Worker<EngineProtocol> {
    const worker = startEngine(engine, location, dtype, head, {
      MESA_SHADER_CACHE_DIR: cacheFolder,
      __GL_SHADER_DISK_CACHE_PATH: cacheFolder,
    });
    this.#workers.push(worker);
    return worker;
  }

  async loaded(engine: EngineModel, cacheFolder: string): Promise<Worker<EngineProtocol>> {
    const worker = this.start(engine, cacheFolder);
    await worker.request('open', undefined);
    await worker.request('load', undefined);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }
}

/** Folders for the shader caches of graphics drivers: an empty one makes a first run cold. */
class ShaderCaches {
  readonly #root = mkdtempSync(path.join(os.tmpdir(), 'unispeech-bench-'));
  readonly #latest = new Map<EngineName, string>();

  cold(engine: EngineName): string {
    const folder = mkdtempSync(path.join(this.#root, `${engine}-`));
    this.#latest.set(engine, folder);
    return folder;
  }

  /** What the latest cold run of an engine left, so that steady runs are warm after one. */
  warm(engine: EngineName): string {
    return this.#latest.get(engine) ?? this.cold(engine);
  }

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
