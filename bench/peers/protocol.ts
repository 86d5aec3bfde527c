/** What the suite asks of the process or page that an engine lives in, and the side that answers. */
import type { Handlers } from '../lib/worker.ts';
import type { PeerEngine, PreparedWork, Workload, WorkloadData } from './engine.ts';

export interface PeerProtocol {
  open: {
    ask: undefined;
    answer: { readonly name: string; readonly version: string; readonly adapter: string };
  };
  prepare: {
    ask: { readonly workload: Workload };
    answer: { readonly flops?: number | undefined; readonly remark?: string | undefined };
  };
  /** One run, in the layout of the workload. */
  output: { ask: undefined; answer: { readonly milliseconds: number; readonly output: Float32Array } };
  /** Runs until that much time has passed, once at least; the time of one run. */
  time: { ask: { readonly milliseconds: number }; answer: { readonly milliseconds: number } };
}

export interface EngineHost {
  openEngine(): Promise<PeerEngine>;
  dataFor(workload: Workload): Promise<WorkloadData>;
}

export function peerHandlers(host: EngineHost): Handlers<PeerProtocol> {
  let engine: PeerEngine | undefined;
  let prepared: PreparedWork | undefined;
  let lastMilliseconds = Infinity;
  const work = (): PreparedWork => {
    if (prepared === undefined) throw new Error('nothing was prepared');
    return prepared;
  };
  return {
    async open() {
      engine = await host.openEngine();
      return { name: engine.name, version: engine.version, adapter: await engine.adapter() };
    },
    async prepare({ workload }) {
      if (engine === undefined) throw new Error('the engine is not open');
      prepared = await engine.prepare(workload, await host.dataFor(workload));
      return { flops: prepared.flops, remark: prepared.remark };
    },
    async output() {
      // The first run compiles.
      await work().run();
      const start = performance.now();
      const output = await work().run();
      lastMilliseconds = performance.now() - start;
      return { milliseconds: lastMilliseconds, output: work().toCanonical(output) };
    },
    async time({ milliseconds }) {
      // Wakes what went to sleep while others ran; nothing that long work would notice.
      if (lastMilliseconds < milliseconds) await work().run();
      const start = performance.now();
      for (let runCount = 1; ; runCount++) {
        await work().run();
        const elapsed = performance.now() - start;
        lastMilliseconds = elapsed / runCount;
        if (elapsed >= milliseconds) break;
      }
      return { milliseconds: lastMilliseconds };
    },
  };
}
