/** This project's engine among its peers, in Node and in pages: one operation goes through the executor of whole models. */
import { platform } from '#platform';
import { VERSION } from '../../src/base/version.ts';
import { openSharedContext, type GpuContext } from '../../src/gpu/context.ts';
import { planGraph, type Plan } from '../../src/graph/plan.ts';
import { Session } from '../../src/graph/session.ts';
import { trustedPlan } from '../../src/graph/trusted-plan.ts';
import { UniSpeechForCTC } from '../../src/speech/unispeech-models.ts';
import { adapterName } from './adapter.ts';
import type { PeerEngine, PreparedWork, Workload, WorkloadData } from './engine.ts';
import { OUTPUT, singleOpGraph } from './single-op-graphs.ts';
import { GPUBufferUsage } from '../../src/gpu/flags.ts';

const sameLayout = (output: Float32Array): Float32Array => output;

export class UniSpeechEngine implements PeerEngine {
  readonly name = 'unispeech-webgpu';
  readonly version = VERSION;
  readonly #context: GpuContext;
  readonly #modelLocation: string;

  private constructor(context: GpuContext, modelLocation: string) {
    this.#context = context;
    this.#modelLocation = modelLocation;
  }

  /** @param modelLocation folder or URL of the checkpoint of the workload `model`. */
  static async open(modelLocation: string): Promise<UniSpeechEngine> {
    return new UniSpeechEngine(await openSharedContext(platform), modelLocation);
  }

  adapter(): Promise<string> {
    return Promise.resolve(adapterName(this.#context.device.adapterInfo));
  }

  prepare(workload: Workload, data: WorkloadData): Promise<PreparedWork> {
    return workload.kind === 'model' ? this.#prepareModel(data) : this.#prepareOp(workload, data);
  }

  dispose(): void {
    this.#context.release();
  }

  async #prepareOp(
    workload: Exclude<Workload, { kind: 'model' }>,
    data: WorkloadData,
  ): Promise<PreparedWork> {
    const context = this.#context;
    const { graph, shape, weights, inputs } = singleOpGraph(workload, data);
    const makePlan = (): Plan =>
      planGraph(graph, shape, context.capabilities, { hiddenActivation: 'gelu', weightFormat: 'f32' });
    const warnings: string[] = [];
    const plan = await trustedPlan(context, makePlan, (_code, message) => warnings.push(message));
    const session = new Session(context, await this.#upload(weights));
    return {
      remark: [...new Set(plan.steps.map(({ call }) => call.kernel.name)), ...warnings].join(', '),
      async run() {
        const output = (await session.run(plan, inputs)).outputs.get(OUTPUT);
        if (output === undefined) throw new Error('the graph lacks an output');
        return output;
      },
      toCanonical: sameLayout,
      dispose: () => session.dispose(),
    };
  }

  async #prepareModel({ inputs }: WorkloadData): Promise<PreparedWork> {
    // A page would keep the model in its storage otherwise.
    const model = await UniSpeechForCTC.from_pretrained(this.#modelLocation, { cache: false });
    const { x } = inputs;
    if (x === undefined) throw new Error('the workload has no samples');
    return {
      flops: model.explain([1, x.data.length]).flops,
      async run() {
        return (await model({ input_values: x.data })).logits.data;
      },
      toCanonical: sameLayout,
      dispose: () => model.dispose(),
    };
  }

  async #upload(
    weights: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
  ): Promise<Map<string, GPUBufferBinding>> {
    const { device } = this.#context;
    const bindings = new Map<string, GPUBufferBinding>();
    for (const [name, numbers] of weights) {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
      const buffer = device.createBuffer({ label: name, size: Math.max(16, numbers.byteLength), usage });
      device.queue.writeBuffer(buffer, 0, numbers);
      bindings.set(name, { buffer });
    }
    await device.queue.onSubmittedWorkDone();
    return bindings;
  }
}
