/** ONNX Runtime among the peers: one engine for its Node package and its web build, which differ in a host only. */
import { median, relativeDifference } from '../lib/statistics.ts';
import type { HostTensor, PeerEngine, PreparedWork, Workload, WorkloadData } from './engine.ts';
import { OUTPUT, onnxWorks, type OnnxWork } from './onnx-graphs.ts';
import { encodeOnnx } from './onnx-model.ts';

/** The part of ONNX Runtime's API that is used; its packages are no dependencies, so neither are their types. */
export interface OrtTensor {
  readonly data: Float32Array;
}
export type OrtFeeds = Readonly<Record<string, OrtTensor>>;
export interface OrtSession {
  run(feeds: OrtFeeds): Promise<OrtFeeds>;
  release(): Promise<void>;
  endProfiling(): void;
}
/** A file's path, or its content. */
export type OrtModel = string | Uint8Array;
export interface Ort {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(model: OrtModel, options: Readonly<Record<string, unknown>>): Promise<OrtSession>;
  };
}

/** What differs between Node and pages. */
export interface OnnxHost {
  readonly name: string;
  readonly version: string;
  readonly ort: Ort;
  /** Call this after a session was made. The runtime has no adapter before. */
  adapter(): Promise<string>;
  /** The exported model of the workload `model`. @throws Error where there is none. */
  model(): Promise<OrtModel>;
  /**
   * Where the nodes of a model ran, in a few words.
   * @throws Error where work was done outside of WebGPU.
   */
  placement(model: OrtModel, run: (session: OrtSession) => Promise<unknown>): Promise<string>;
}

/** Errors only: what is not placed on WebGPU is found by `placement`. */
const LOG_ERRORS_ONLY = 3;
/** Only this provider is named: a machine without WebGPU is then an error, not a quiet run on the CPU. */
export const SESSION_OPTIONS = {
  executionProviders: [{ name: 'webgpu' }],
  logSeverityLevel: LOG_ERRORS_ONLY,
} as const;

/** For a host that was given no exported model. */
export const NO_MODEL =
  'there is no .cache/onnx/base.onnx: give --python PATH, a Python with the packages of bench/peers/requirements.txt, to export it';

/** y = Relu(x): the smallest thing that makes the runtime open its device. */
const TRIVIAL_MODEL = encodeOnnx({
  nodes: [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }],
  inputs: { x: [4] },
  outputs: { y: [4] },
  initializers: {},
});

/** Runs that decide between two ways to do the same work. */
const TRIAL_COUNT = 3;
/** Two ways that differ by more, relative to the largest, do not compute the same thing. */
const TOLERANCE = 1e-3;

interface Way {
  readonly name: string;
  readonly session: OrtSession;
  readonly work: PreparedWork;
}

export class OnnxEngine implements PeerEngine {
  readonly name: string;
  readonly version: string;
  readonly #host: OnnxHost;
  readonly #trivialSession: OrtSession;

  private constructor(
    host: OnnxHost,
    /** Kept: the provider closes its device with its last session. */
    trivialSession: OrtSession,
  ) {
    this.#host = host;
    this.#trivialSession = trivialSession;
    this.name = host.name;
    this.version = host.version;
  }

  static async open(host: OnnxHost): Promise<OnnxEngine> {
    const session = await host.ort.InferenceSession.create(TRIVIAL_MODEL, SESSION_OPTIONS);
    await session.run({ x: new host.ort.Tensor('float32', new Float32Array(4), [4]) });
    return new OnnxEngine(host, session);
  }

  adapter(): Promise<string> {
    return this.#host.adapter();
  }

  async prepare(workload: Workload, data: WorkloadData): Promise<PreparedWork> {
    if (workload.kind === 'model') return (await this.#prepareModel(data)).work;
    const ways: Way[] = [];
    const failures: string[] = [];
    for (const onnxWork of onnxWorks(workload, data)) {
      try {
        const way = await this.#prepareOp(onnxWork);
        // Some fail in their first run only.
        await way.work.run();
        ways.push(way);
      } catch (error) {
        failures.push(`${onnxWork.name} cannot run here: ${firstLine(error)}`);
      }
    }
    if (ways.length === 0) throw new Error(failures.join('; '));
    const work = await fastest(ways);
    return { ...work, remark: [work.remark, ...failures].join('; ') };
  }

  async dispose(): Promise<void> {
    await this.#trivialSession.release();
  }

  #prepareOp({ name, graph, inputs, toCanonical }: OnnxWork): Promise<Way> {
    return this.#prepareGraph(name, encodeOnnx(graph), inputs, OUTPUT, toCanonical);
  }

  async #prepareModel({ inputs: { x } }: WorkloadData): Promise<Way> {
    if (x === undefined) throw new Error('the workload has no samples');
    const inputs = { input_values: { dims: [1, x.data.length], data: x.data } };
    return this.#prepareGraph('', await this.#host.model(), inputs, 'logits', (output) => output);
  }

  async #prepareGraph(
    name: string,
    model: OrtModel,
    inputs: Readonly<Record<string, HostTensor>>,
    output: string,
    toCanonical: (output: Float32Array) => Float32Array,
  ): Promise<Way> {
    const { ort } = this.#host;
    const runIn = async (session: OrtSession): Promise<Float32Array> => {
      const feeds = Object.entries(inputs).map(([input, { data, dims }]) => [
        input,
        new ort.Tensor('float32', data, dims),
      ]);
      const found = (await session.run(Object.fromEntries(feeds) as OrtFeeds))[output];
      if (found === undefined) throw new Error(`the ONNX model has no output "${output}"`);
      return found.data;
    };
    const placement = await this.#host.placement(model, runIn);
    const session = await ort.InferenceSession.create(model, SESSION_OPTIONS);
    return {
      name,
      session,
      work: {
        remark: [name, placement].filter(Boolean).join(': '),
        run: () => runIn(session),
        toCanonical,
        dispose: () => session.release(),
      },
    };
  }
}

/**
 * Keeps the way whose runs are the shortest, of those that agree with the first one. Fused operators are not right on every adapter,
 * and a wrong one must not stand for the runtime where it can do better.
 */
async function fastest(ways: readonly Way[]): Promise<PreparedWork> {
  const [first, ...others] = ways;
  if (first === undefined) throw new Error('ONNX Runtime was given no way to do this work');
  if (others.length === 0) return first.work;
  const expected = first.work.toCanonical(await first.work.run());
  let best = { way: first, milliseconds: await medianMilliseconds(first.work) };
  const remarks: string[] = [];
  for (const way of others) {
    const difference = relativeDifference(way.work.toCanonical(await way.work.run()), expected);
    let rejected = way;
    if (!(difference <= TOLERANCE)) {
      remarks.push(`${way.name} differs from it by ${difference.toExponential(1)} of the largest here`);
    } else {
      const milliseconds = await medianMilliseconds(way.work);
      const isFaster = milliseconds < best.milliseconds;
      const [fast, slow] = isFaster ? [{ way, milliseconds }, best] : [best, { way, milliseconds }];
      remarks.push(`${fast.milliseconds.toFixed(1)} ms, ${slow.way.name} ${slow.milliseconds.toFixed(1)} ms`);
      best = fast;
      rejected = slow.way;
    }
    await rejected.work.dispose();
  }
  const { work } = best.way;
  return { ...work, remark: [work.remark, ...remarks].join('; ') };
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

async function medianMilliseconds(work: PreparedWork): Promise<number> {
  const trials: number[] = [];
  for (let trial = 0; trial < TRIAL_COUNT; trial++) {
    const start = performance.now();
    await work.run();
    trials.push(performance.now() - start);
  }
  return median(trials);
}
