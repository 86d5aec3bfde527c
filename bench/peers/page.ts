/** The script of a page that an engine lives in: it answers what the suite asks, and posts outputs, which are too large for answers. */
import { readTensors } from './checkpoint-data.ts';
import type { Workload, WorkloadData } from './engine.ts';
import { openPageEngine } from './page-engines.ts';
import { peerHandlers, type PeerProtocol } from './protocol.ts';
import type { ComparedEngine } from './results.ts';
import { needsTensors, workloadData } from './workloads.ts';

/** In the page's address. */
export interface PageQuery {
  readonly engine: ComparedEngine;
  /** Where outputs are posted to. */
  readonly output: string;
  /** Folder of the checkpoint. */
  readonly checkpoint: string;
  readonly onnx?: string;
}

/** As the suite sees it from outside: an answer whose output, where it has one, was posted. */
export interface PeerPage {
  request<K extends keyof PeerProtocol>(
    kind: K,
    ask: PeerProtocol[K]['ask'],
  ): Promise<PeerProtocol[K]['answer']>;
}

declare global {
  var peer: PeerPage;
}

const query = Object.fromEntries(new URLSearchParams(location.search)) as unknown as PageQuery;

async function fetched(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}

async function dataFor(workload: Workload): Promise<WorkloadData> {
  const data = workloadData(workload);
  if (workload.kind !== 'model' || !needsTensors(query.engine)) return data;
  const config = (await (await fetched(`${query.checkpoint}config.json`)).json()) as Record<string, unknown>;
  const file = await (await fetched(`${query.checkpoint}model.safetensors`)).arrayBuffer();
  return { ...data, weights: readTensors(file), config };
}

const handlers = peerHandlers({ openEngine: () => openPageEngine(query), dataFor });

globalThis.peer = {
  async request(kind, ask) {
    const answer = await handlers[kind](ask);
    if (!('output' in answer)) return answer;
    await fetch(query.output, { method: 'POST', body: answer.output as Float32Array<ArrayBuffer> });
    return { ...answer, output: new Float32Array() };
  },
};
