/** ONNX Runtime's web build, with its WebGPU provider, in a page. */
import { counted } from '../../src/base/counted.ts';
import { adapterName } from './adapter.ts';
import { NO_MODEL, SESSION_OPTIONS, type OnnxHost, type Ort } from './onnx-engine.ts';

interface WebOrt extends Ort {
  readonly env: {
    readonly versions: { readonly web?: string };
    readonly webgpu: { readonly device: Promise<GPUDevice> };
  };
}

const PROVIDER = 'WebGpuExecutionProvider';
const LOG_EVERYTHING = 0;
/** What arithmetic on shapes is made of. None of these alone is what a workload is timed for. */
const SHAPE_OPERATORS: ReadonlySet<string> = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Cast',
  'Concat',
  'Gather',
  'Range',
  'Reshape',
  'Shape',
  'Slice',
  'Squeeze',
  'Unsqueeze',
]);

/**
 * @param libraryUrl the script of the web build; its wasm file lies beside it.
 * @param modelUrl the exported model, where there is one.
 */
export async function onnxWebHost(libraryUrl: string, modelUrl: string | undefined): Promise<OnnxHost> {
  // What it logs is the only place where the web build tells which provider a node got; it binds the console while it starts.
  const log = new ConsoleLog();
  const ort = (await import(libraryUrl)) as WebOrt;
  return {
    name: 'onnxruntime-web',
    version: ort.env.versions.web ?? 'of unknown version',
    ort,
    async adapter() {
      return adapterName((await ort.env.webgpu.device).adapterInfo);
    },
    async model() {
      if (modelUrl === undefined) throw new Error(NO_MODEL);
      const response = await fetch(modelUrl);
      if (!response.ok) throw new Error(`${modelUrl} answered ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
    async placement(model) {
      const lines = await log.during(async () => {
        const session = await ort.InferenceSession.create(model, {
          ...SESSION_OPTIONS,
          logSeverityLevel: LOG_EVERYTHING,
        });
        await session.release();
      });
      return describePlacementLog(lines);
    },
  };
}

/**
 * Reads which providers nodes were given to from the log of a session that was made: one line per provider, each followed by the
 * operators of its nodes, unless there is but one.
 * @throws Error where none went to WebGPU, or real work elsewhere.
 */
export function describePlacementLog(lines: readonly string[]): string {
  let provider: string | undefined;
  let webgpuNodeCount = 0;
  let otherNodeCount = 0;
  const otherOperators = new Set<string>();
  for (const line of lines) {
    const placed = /placed on \[(\w+)\]\. Number of nodes: (\d+)/i.exec(line);
    if (placed) {
      provider = placed[1];
      if (provider === PROVIDER) webgpuNodeCount += Number(placed[2]);
      else otherNodeCount += Number(placed[2]);
      continue;
    }
    const node = /VerifyEachNodeIsAssignedToAnEp\]\s+(\w+) \(/.exec(line);
    if (node?.[1] !== undefined && provider !== undefined && provider !== PROVIDER)
      otherOperators.add(node[1]);
  }
  if (webgpuNodeCount === 0)
    throw new Error('ONNX Runtime placed no node on WebGPU: its times would say nothing.');
  const working = [...otherOperators].filter((operator) => !SHAPE_OPERATORS.has(operator));
  if (working.length > 0) {
    throw new Error(
      `ONNX Runtime placed ${otherNodeCount} of ${otherNodeCount + webgpuNodeCount} nodes outside WebGPU, among them ` +
        `${working.join(', ')}: its times would say nothing.`,
    );
  }
  const shapes = otherNodeCount > 0 ? `, ${otherNodeCount} on shapes elsewhere` : '';
  return `${counted(webgpuNodeCount, 'node')} on WebGPU${shapes}`;
}

/** Keeps what is written to the console, in place of showing it, while it is asked to. */
class ConsoleLog {
  #lines: string[] | undefined;

  constructor() {
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      const write = console[method].bind(console);
      console[method] = (...values: unknown[]) => {
        if (this.#lines) this.#lines.push(values.map(String).join(' '));
        else write(...values);
      };
    }
  }

  async during(work: () => Promise<void>): Promise<readonly string[]> {
    const lines: string[] = [];
    this.#lines = lines;
    try {
      await work();
    } finally {
      this.#lines = undefined;
    }
    return lines;
  }
}
