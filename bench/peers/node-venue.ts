/** Engines in Node on the machine's own adapter, each in a child process of its own. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve, Worker } from '../lib/worker.ts';
import { packageVersion } from '../lib/environment.ts';
import { readTensors } from './checkpoint-data.ts';
import type { Workload, WorkloadData } from './engine.ts';
import { openNodeEngine } from './node-engines.ts';
import { peerHandlers, type PeerProtocol } from './protocol.ts';
import { OURS, PEER_NAMES, type ComparedEngine } from './results.ts';
import type { PeerModelFiles, Venue } from './venue.ts';
import { needsTensors, workloadData } from './workloads.ts';

/** First argument of a process that is to be a worker; then the engine's name, the checkpoint's folder and the ONNX file. */
export const WORKER_ARGUMENT = 'peer-worker';

const isEngineName = (name: unknown): name is ComparedEngine =>
  name === OURS || (PEER_NAMES as readonly unknown[]).includes(name);

export function nodeVenue({ checkpointFolder, onnxFile }: PeerModelFiles): Venue {
  const dawn = packageVersion('node_modules/webgpu');
  return {
    facts: { venue: 'node', runtime: `Node ${process.version}, Dawn (npm webgpu) ${dawn}` },
    start: (engine) =>
      Promise.resolve(
        new Worker<PeerProtocol>(engine, fileURLToPath(import.meta.url), [
          WORKER_ARGUMENT,
          engine,
          checkpointFolder,
          ...(onnxFile === undefined ? [] : [onnxFile]),
        ]),
      ),
    close: () => Promise.resolve(),
  };
}

/** Serves an engine where the arguments are a worker's; false where they are not. */
export function serveIfWorker(argv: readonly string[]): boolean {
  const [first, engine, checkpointFolder, onnxFile] = argv;
  if (first !== WORKER_ARGUMENT || !isEngineName(engine) || checkpointFolder === undefined) return false;
  serve<PeerProtocol>(
    peerHandlers({
      openEngine: () => openNodeEngine(engine, { checkpointFolder, onnxFile }),
      dataFor: (workload) => dataFor(engine, workload, checkpointFolder),
    }),
  );
  return true;
}

async function dataFor(engine: ComparedEngine, workload: Workload, folder: string): Promise<WorkloadData> {
  const data = workloadData(workload);
  if (workload.kind !== 'model' || !needsTensors(engine)) return data;
  const { buffer, byteOffset, byteLength } = await readFile(path.join(folder, 'model.safetensors'));
  const isWhole = byteOffset === 0 && byteLength === buffer.byteLength;
  const file = isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
  const config = JSON.parse(
    await readFile(path.join(folder, 'config.json'), 'utf8'),
  ) as WorkloadData['config'];
  return { ...data, weights: readTensors(file), ...(config && { config }) };
}
