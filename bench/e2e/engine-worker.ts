/** The child process of the suite: one engine, driven by the parent's requests. */
import { fileURLToPath } from 'node:url';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { peakResidentByteLength, residentByteLength } from '../lib/memory.ts';
import { serve, Worker } from '../lib/worker.ts';
import { isDtype, type Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import {
  type Engine,
  type EngineName,
  type EngineRun,
  isEngineName,
  type KernelReport,
  type PlacementReport,
} from './engine.ts';
import { isHeadName, type HeadName } from './heads.ts';
import { OnnxRuntimeEngine } from './onnx-runtime-engine.ts';
import { E2eUniSpeechEngine } from './unispeech-engine.ts';

export interface EngineProtocol {
  /** Opens the device and runs the trivial pipeline. */
  open: { ask: undefined; answer: { readonly milliseconds: number; readonly residentByteLength: number } };
  load: {
    ask: undefined;
    answer: {
      readonly milliseconds: number;
      readonly weightByteLength: number;
      readonly peakByteLength: number;
    };
  };
  run: {
    ask: { readonly sampleCount: number };
    answer: EngineRun & { readonly milliseconds: number; readonly peakByteLength: number };
  };
  report: { ask: { readonly sampleCount: number }; answer: KernelReport | PlacementReport };
}

/** First argument of a process that is to be a worker; then the engine's name and its model. */
const WORKER_ARGUMENT = 'engine-worker';

/**
 * Starts the program that this module is bundled into as a worker.
 * @param model checkpoint folder of our engine, ONNX file of the peer.
 * @param dtype of our engine's weights.
 */
export function startEngine(
  engine: EngineName,
  model: string,
  dtype: Dtype,
  head: HeadName,
  env: Readonly<Record<string, string>>,
): Worker<EngineProtocol> {
  return new Worker<EngineProtocol>(
    engine,
    fileURLToPath(import.meta.url),
    [WORKER_ARGUMENT, engine, model, dtype, head],
    env,
  );
}

/** Serves if the arguments of this process say that it is a worker; returns whether they do. */
export function serveIfEngine([first, engine, model, dtype, head]: readonly string[]): boolean {
  const isWorker =
    first === WORKER_ARGUMENT &&
    isEngineName(engine) &&
    model !== undefined &&
    isDtype(dtype) &&
    isHeadName(head);
  if (isWorker) serveEngine(engine, model, dtype, head);
  return isWorker;
}

function serveEngine(name: EngineName, model: string, dtype: Dtype, head: HeadName): void {
  const engine: Engine =
    name === 'onnxruntime-node' ? new OnnxRuntimeEngine(model) : new E2eUniSpeechEngine(model, dtype, head);
  serve<EngineProtocol>({
    async open() {
      const milliseconds = await timed(() => engine.openDevice());
      await engine.runTrivialPipeline();
      return { milliseconds, residentByteLength: residentByteLength() };
    },
    async load() {
      let weightByteLength = 0;
      const milliseconds = await timed(async () => {
        weightByteLength = await engine.load();
      });
      return { milliseconds, weightByteLength, peakByteLength: peakResidentByteLength() };
    },
    async run({ sampleCount }) {
      const samples = inputSamples(0, sampleCount);
      const start = performance.now();
      const run = await engine.run(samples);
      return { ...run, milliseconds: performance.now() - start, peakByteLength: peakResidentByteLength() };
    },
    report: ({ sampleCount }) => engine.report(inputSamples(0, sampleCount)),
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
