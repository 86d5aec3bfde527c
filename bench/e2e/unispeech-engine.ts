/** This project's engine in the suite. */
import { platform } from '#platform';
import { openSharedContext, type GpuContext } from '../../src/gpu/context.ts';
import type { KernelCall } from '../../src/gpu/kernel.ts';
import { runCall } from '../../src/gpu/run-call.ts';
import { UniSpeechForCTC } from '../../src/speech/unispeech-models.ts';
import type { Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import type { Engine, EngineRun, KernelReport } from './engine.ts';

const TRIVIAL_CALL: KernelCall = {
  kernel: {
    name: 'trivial',
    source: `
      struct Params { value: u32 }
      @group(0) @binding(0) var<uniform> params: Params;
      @group(0) @binding(1) var<storage, read_write> out: array<f32>;
      @compute @workgroup_size(1) fn main() { out[0] = f32(params.value); }`,
    bindings: ['uniform', 'write'],
  },
  workgroups: [1, 1, 1],
  params: { value: 1 },
  flops: 0,
  byteCount: 4,
};

export class E2eUniSpeechEngine implements Engine {
  #context: GpuContext | undefined;
  #model: UniSpeechForCTC | undefined;
  readonly #folder: string;
  readonly #dtype: Dtype;

  constructor(folder: string, dtype: Dtype) {
    this.#folder = folder;
    this.#dtype = dtype;
  }

  async openDevice(): Promise<void> {
    this.#context = await openSharedContext(platform);
  }

  async runTrivialPipeline(): Promise<void> {
    if (this.#context === undefined) throw new Error('the device is not open');
    await runCall(this.#context, TRIVIAL_CALL, [4]);
  }

  async load(): Promise<number> {
    this.#model = await UniSpeechForCTC.from_pretrained(this.#folder, {
      dtype: this.#dtype,
      // Else what was measured here before, or in the process beside this one, would decide.
      tune: 'off',
    });
    return this.#model.runner.weights.byteLength;
  }

  async run(samples: Float32Array): Promise<EngineRun> {
    const model = this.#loaded();
    const { logits } = await model({ input_values: samples });
    return { logits: logits.data, encodeMilliseconds: model.runner.lastReport?.encodeMilliseconds };
  }

  async report(samples: Float32Array): Promise<KernelReport> {
    const model = this.#loaded();
    const { runner } = model;
    const profile = await model.profile({ input_values: samples });
    const plan = model.explain([1, samples.length]);
    return {
      kind: 'kernels',
      adapter: plan.adapter,
      isSoftwareAdapter: runner.context.capabilities.isSoftware,
      flops: plan.flops,
      dispatchCount: plan.dispatchCount,
      activationByteLength: plan.activationByteLength,
      steps: profile.steps.map(({ name, kernel, flops, byteCount, nanoseconds }) => ({
        name,
        kernel,
        flops,
        byteCount,
        nanoseconds,
      })),
      profile,
    };
  }

  #loaded(): UniSpeechForCTC {
    if (this.#model === undefined) throw new Error('the model is not loaded');
    return this.#model;
  }
}
