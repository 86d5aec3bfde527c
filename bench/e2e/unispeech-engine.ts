/** This project's engine in the suite. */
import { platform } from '#platform';
import { openSharedContext, type GpuContext } from '../../src/gpu/context.ts';
import type { KernelCall } from '../../src/gpu/kernel.ts';
import { runCall } from '../../src/gpu/run-call.ts';
import type { Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import type { Engine, EngineRun, KernelReport } from './engine.ts';
import { loadHead, type HeadName, type LoadedHead } from './heads.ts';

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
  #loaded: LoadedHead | undefined;
  readonly #folder: string;
  readonly #dtype: Dtype;
  readonly #head: HeadName;

  constructor(folder: string, dtype: Dtype, head: HeadName) {
    this.#folder = folder;
    this.#dtype = dtype;
    this.#head = head;
  }

  async openDevice(): Promise<void> {
    this.#context = await openSharedContext(platform);
  }

  async runTrivialPipeline(): Promise<void> {
    if (this.#context === undefined) throw new Error('the device is not open');
    await runCall(this.#context, TRIVIAL_CALL, [4]);
  }

  async load(): Promise<number> {
    this.#loaded = await loadHead(this.#head, this.#folder, {
      dtype: this.#dtype,
      // Else what was measured here before, or in the process beside this one, would decide.
      tune: 'off',
    });
    return this.#loaded.model.runner.weights.byteLength;
  }

  async run(samples: Float32Array): Promise<EngineRun> {
    const { model, call } = this.#ready();
    const { data } = await call(samples);
    return { logits: data, encodeMilliseconds: model.runner.lastReport?.encodeMilliseconds };
  }

  async report(samples: Float32Array): Promise<KernelReport> {
    const { model } = this.#ready();
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

  #ready(): LoadedHead {
    if (this.#loaded === undefined) throw new Error('the model is not loaded');
    return this.#loaded;
  }
}
