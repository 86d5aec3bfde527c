/** A plan with its GPU objects: created once, bound once, then encoded for every run. */
import type { GpuContext } from '../gpu/context.ts';
import type { CompiledKernel } from '../gpu/pipelines.ts';
import { StepTimer } from '../gpu/step-timer.ts';
import type { Plan } from './plan.ts';
import type { StepBuffer } from './plan-builder.ts';
import type { RunInputs, RunResult } from './session.ts';

interface BoundStep {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** Where an output lies in its slab and in the staging buffer. */
interface Readback {
  readonly name: string;
  readonly source: GPUBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

export class BoundPlan {
  readonly #context: GpuContext;
  readonly #steps: readonly BoundStep[];
  readonly #inputs: ReadonlyMap<string, GPUBuffer>;
  readonly #readbacks: readonly Readback[];
  readonly #uniforms: GPUBuffer;
  readonly #staging: GPUBuffer;

  /**
   * @param compiled the pipeline of each step.
   * @param resolve finds the buffer of a binding; the bindings stay valid as long as this object is used.
   */
  constructor(
    context: GpuContext,
    plan: Plan,
    compiled: readonly CompiledKernel[],
    resolve: (buffer: StepBuffer) => GPUBufferBinding,
  ) {
    const { device } = context;
    this.#context = context;
    const alignment = device.limits.minUniformBufferOffsetAlignment;
    const paramsStride =
      Math.max(...plan.steps.map(({ call }) => Math.ceil(call.params.byteLength / alignment)), 1) * alignment;
    const params = new Uint32Array((plan.steps.length * paramsStride) / 4);
    plan.steps.forEach(({ call }, index) => params.set(call.params, (index * paramsStride) / 4));
    this.#uniforms = device.createBuffer({
      label: 'uniforms',
      size: params.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    device.queue.writeBuffer(this.#uniforms, 0, params);

    this.#steps = plan.steps.map(({ name, call, buffers }, index) => {
      const kernel = compiled[index];
      if (kernel === undefined) throw new Error(`step ${index} has no pipeline`);
      const uniform = { buffer: this.#uniforms, offset: index * paramsStride, size: call.params.byteLength };
      return {
        pipeline: kernel.pipeline,
        bindGroup: device.createBindGroup({
          label: name,
          layout: kernel.layout,
          entries: [uniform, ...buffers.map(resolve)].map((resource, binding) => ({ binding, resource })),
        }),
        workgroups: call.workgroups,
      };
    });

    const bufferOf = (tensor: number): GPUBuffer => resolve({ kind: 'tensor', tensor }).buffer;
    this.#inputs = new Map([...plan.inputs].map(([name, port]) => [name, bufferOf(port.tensor)]));
    let byteOffset = 0;
    this.#readbacks = [...plan.outputs].map(([name, port]) => {
      const byteLength = plan.tensors[port.tensor]?.byteLength ?? 0;
      const readback = { name, source: bufferOf(port.tensor), byteOffset, byteLength };
      byteOffset += byteLength;
      return readback;
    });
    this.#staging = device.createBuffer({
      label: 'readback',
      size: byteOffset,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  /** Writes the inputs, encodes, submits once, and reads the outputs back. */
  async run(inputs: RunInputs, timing: boolean): Promise<RunResult> {
    const { device, capabilities } = this.#context;
    for (const [name, buffer] of this.#inputs) {
      const content = inputs.get(name);
      if (content === undefined) throw new Error(`the run has no input "${name}"`);
      device.queue.writeBuffer(buffer, 0, content);
    }
    const timer =
      timing && capabilities.timestamps ? StepTimer.create(device, this.#steps.length) : undefined;
    try {
      const start = performance.now();
      const encoder = device.createCommandEncoder();
      if (timer) this.#encodeTimed(encoder, timer);
      else this.#encode(encoder);
      for (const { source, byteOffset, byteLength } of this.#readbacks) {
        encoder.copyBufferToBuffer(source, 0, this.#staging, byteOffset, byteLength);
      }
      device.queue.submit([encoder.finish()]);
      const encodeMilliseconds = performance.now() - start;
      return {
        outputs: await this.#readBack(),
        encodeMilliseconds,
        stepNanoseconds: await timer?.read(),
      };
    } finally {
      timer?.destroy();
    }
  }

  destroy(): void {
    this.#uniforms.destroy();
    this.#staging.destroy();
  }

  #encode(encoder: GPUCommandEncoder): void {
    const pass = encoder.beginComputePass();
    let current: GPUComputePipeline | undefined;
    for (const { pipeline, bindGroup, workgroups } of this.#steps) {
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
    }
    pass.end();
  }

  /** One compute pass a step, because timestamps are written at the edges of passes. */
  #encodeTimed(encoder: GPUCommandEncoder, timer: StepTimer): void {
    this.#steps.forEach(({ pipeline, bindGroup, workgroups }, index) => {
      const pass = encoder.beginComputePass(timer.pass(index));
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
      pass.end();
    });
    timer.resolve(encoder);
  }

  async #readBack(): Promise<ReadonlyMap<string, Float32Array<ArrayBuffer>>> {
    await this.#staging.mapAsync(GPUMapMode.READ);
    try {
      const mapped = this.#staging.getMappedRange();
      return new Map(
        this.#readbacks.map(({ name, byteOffset, byteLength }) => [
          name,
          new Float32Array(mapped.slice(byteOffset, byteOffset + byteLength)),
        ]),
      );
    } finally {
      this.#staging.unmap();
    }
  }
}
