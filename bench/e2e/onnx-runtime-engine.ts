/** The peer: onnxruntime-node with its WebGPU execution provider, on the same weights exported to ONNX. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { PEERS_FOLDER } from '../peers/packages.ts';
import type { Engine, EngineRun, PlacementReport } from './engine.ts';

/** The part of onnxruntime-node's API that is used; the package is no dependency, so neither are its types. */
interface NodeOrtTensor {
  readonly data: Float32Array;
}
interface NodeOrtSession {
  run(feeds: Readonly<Record<string, NodeOrtTensor>>): Promise<Readonly<Record<string, NodeOrtTensor>>>;
  endProfiling(): void;
}
interface NodeOrt {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => NodeOrtTensor;
  readonly InferenceSession: {
    create(model: string | Uint8Array, options: Readonly<Record<string, unknown>>): Promise<NodeOrtSession>;
  };
}

/** y = Relu(x) on four floats, as an ONNX file: the smallest thing that makes the provider open its device. */
const TRIVIAL_MODEL = 'CAg6MwoMCgF4EgF5IgRSZWx1EgFnWg8KAXgSCgoICAESBAoCCARiDwoBeRIKCggIARIECgIIBEIECgAQDQ==';

const LOG_ERRORS_ONLY = 3;
/** Only this provider is named: a machine without WebGPU is then an error, not a quiet run on the CPU. */
const SESSION_OPTIONS = { executionProviders: [{ name: 'webgpu' }], logSeverityLevel: LOG_ERRORS_ONLY };

export class OnnxRuntimeEngine implements Engine {
  #ort: NodeOrt | undefined;
  /** Kept: the provider closes its device with its last session. */
  #trivialSession: NodeOrtSession | undefined;
  #session: NodeOrtSession | undefined;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async openDevice(): Promise<void> {
    this.#ort = createRequire(path.join(PEERS_FOLDER, 'package.json'))('onnxruntime-node') as NodeOrt;
    this.#trivialSession = await this.#ort.InferenceSession.create(
      Buffer.from(TRIVIAL_MODEL, 'base64'),
      SESSION_OPTIONS,
    );
  }

  async runTrivialPipeline(): Promise<void> {
    await this.#trivialSession?.run({ x: new (this.#runtime().Tensor)('float32', new Float32Array(4), [4]) });
  }

  async load(): Promise<number> {
    this.#session = await this.#runtime().InferenceSession.create(this.#file, SESSION_OPTIONS);
    return statSync(this.#file).size;
  }

  async run(samples: Float32Array): Promise<EngineRun> {
    if (this.#session === undefined) throw new Error('the model is not loaded');
    return { logits: await this.#logits(this.#session, samples), encodeMilliseconds: undefined };
  }

  /** Runs once in a session of its own with ONNX Runtime's profiler, which names the provider of every node. */
  async report(samples: Float32Array): Promise<PlacementReport> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-bench-'));
    try {
      const session = await this.#runtime().InferenceSession.create(this.#file, {
        ...SESSION_OPTIONS,
        enableProfiling: true,
        profileFilePrefix: path.join(folder, 'profile'),
      });
      await this.#logits(session, samples);
      session.endProfiling();
      const [profile] = readdirSync(folder);
      if (profile === undefined) throw new Error('ONNX Runtime wrote no profile');
      return readPlacement(readFileSync(path.join(folder, profile), 'utf8'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async #logits(session: NodeOrtSession, samples: Float32Array): Promise<Float32Array> {
    const { Tensor } = this.#runtime();
    const { logits } = await session.run({
      input_values: new Tensor('float32', samples, [1, samples.length]),
    });
    if (logits === undefined) throw new Error(`${this.#file} has no output "logits"`);
    return logits.data;
  }

  #runtime(): NodeOrt {
    if (this.#ort === undefined) throw new Error('the device is not open');
    return this.#ort;
  }
}

interface ProfileEvent {
  readonly cat: string;
  readonly args?: { readonly provider?: string; readonly op_name?: string; readonly output_size?: string };
}

/** Reads the events of ONNX Runtime's profile: one of category `Node` for every node that ran. */
export function readPlacement(profile: string): PlacementReport {
  const nodes = (JSON.parse(profile) as readonly ProfileEvent[]).flatMap(({ cat, args }) =>
    cat === 'Node' && args?.provider !== undefined ? [args] : [],
  );
  const others = nodes.filter(({ provider }) => provider !== 'WebGpuExecutionProvider');
  return {
    kind: 'placement',
    webgpuNodeCount: nodes.length - others.length,
    otherNodeCount: others.length,
    otherOperators: [...new Set(others.map(({ op_name }) => op_name ?? 'unnamed'))].sort(),
    largestOtherByteLength: Math.max(0, ...others.map(({ output_size }) => Number(output_size ?? NaN))),
  };
}
