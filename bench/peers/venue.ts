/** A place where engines run: each in a process or a page of its own. */
import type { Worker } from '../lib/worker.ts';
import type { PeerProtocol } from './protocol.ts';
import type { ComparedEngine, VenueFacts } from './results.ts';

/** An engine that answers requests, one at a time. */
export type EngineHandle = Pick<Worker<PeerProtocol>, 'request' | 'stop'>;

export interface Venue {
  readonly facts: VenueFacts;
  start(engine: ComparedEngine): Promise<EngineHandle>;
  close(): Promise<void>;
}

/** What the workload `model` is read from. */
export interface PeerModelFiles {
  readonly checkpointFolder: string;
  /** Undefined where it was not exported. */
  readonly onnxFile: string | undefined;
}
