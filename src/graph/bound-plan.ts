/** A plan with its GPU objects. They are created and bound once, and encoded for every run. */
import type { GpuContext } from '../gpu/context.ts';
import { bindCalls, encodePass, type Dispatch } from '../gpu/dispatch.ts';
import { GPUMapMode } from '../gpu/flags.ts';
import type { CompiledKernel } from '../gpu/pipelines.ts';
import { createStepTimer } from '../gpu/later-timer.ts';
import type { StepTimer } from '../gpu/step-timer.ts';
import { submitEnd, workOf } from '../gpu/submit-pace.ts';
import type { SubmitsInFlight } from '../gpu/submits-in-flight.ts';
import type { Plan } from './plan.ts';
import type { StepBuffer } from './plan-builder.ts';
import type { BusySpan, HostSpan, RunInputs, RunOptions, RunResult } from './run.ts';
import { StagingBuffers } from './staging-buffers.ts';

/** The place of an output in its slab and in the staging buffer. */
interface Readback {
  readonly name: string;
  readonly source: GPUBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Encoded commands of some steps, not submitted yet. */
interface CommandPiece {
  readonly commands: GPUCommandBuffer;
  readonly stepCount: number;
  readonly work: number;
}

const sumOf = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);

/** A run that was submitted. */
export interface StartedRun {
  /** Settles when its outputs were read. */
  readonly result: Promise<RunResult>;
}

export class BoundPlan {
  readonly #context: GpuContext;
  readonly #steps: readonly Dispatch[];
  readonly #works: readonly number[];
  readonly #inputs: ReadonlyMap<string, GPUBuffer>;
  readonly #readbacks: readonly Readback[];
  readonly #uniforms: GPUBuffer;
  readonly #stagings: StagingBuffers;
  readonly #submits: SubmitsInFlight;

  /**
   * @param compiled the pipeline of each step.
   * @param resolve finds the buffer of a binding. The buffers must stay valid as long as this object is used.
   */
  constructor(
    context: GpuContext,
    plan: Plan,
    compiled: readonly CompiledKernel[],
    resolve: (buffer: StepBuffer) => GPUBufferBinding,
    submits: SubmitsInFlight,
  ) {
    const { device } = context;
    this.#context = context;
    const calls = plan.steps.map(({ name, call, buffers }, index) => {
      const kernel = compiled[index];
      if (kernel === undefined) throw new Error(`step ${index} has no pipeline`);
      return { call, compiled: kernel, resources: buffers.map(resolve), label: name };
    });
    const { dispatches, uniforms } = bindCalls(device, calls, 'uniforms');
    this.#steps = dispatches;
    this.#uniforms = uniforms;
    this.#works = plan.steps.map(({ call }) => workOf(call));

    const bufferOf = (tensor: number): GPUBuffer => resolve(tensor).buffer;
    this.#inputs = new Map([...plan.inputs].map(([name, port]) => [name, bufferOf(port.tensor)]));
    let byteOffset = 0;
    this.#readbacks = [...plan.outputs].map(([name, port]) => {
      const byteLength = plan.tensors[port.tensor]?.byteLength ?? 0;
      const readback = { name, source: bufferOf(port.tensor), byteOffset, byteLength };
      byteOffset += byteLength;
      return readback;
    });
    this.#stagings = new StagingBuffers(context, byteOffset);
    this.#submits = submits;
  }

  /**
   * Writes the inputs, encodes and submits. A run of little work is one submit. A long one is cut; between its submits the event loop runs
   * and the signal is checked. Another run may start before the outputs of this one are read.
   */
  async start(inputs: RunInputs, { timing = false, signal }: RunOptions): Promise<StartedRun> {
    const { device, capabilities, pace } = this.#context;
    await this.#submits.room;
    signal?.throwIfAborted();
    const staging = await this.#stagings.take();
    let timer: StepTimer | undefined;
    const release = (): void => {
      timer?.destroy();
      this.#stagings.return(staging);
    };
    const spans: HostSpan[] = [];
    let since = performance.now();
    /** Ends a span: the host did this since the previous span. */
    const mark = (name: string): void => {
      const end = performance.now();
      spans.push({ name, start: since, end });
      since = end;
    };
    const submits: Promise<BusySpan>[] = [];
    try {
      if (timing && capabilities.timestamps) timer = await createStepTimer(device, this.#steps.length);
      for (const [name, buffer] of this.#inputs) {
        const content = inputs.get(name);
        if (content === undefined) throw new Error(`the run has no input "${name}"`);
        device.queue.writeBuffer(buffer, 0, content);
      }
      mark('write inputs');
      let pieces: readonly CommandPiece[] = [];
      for (let start = 0; start < this.#steps.length;) {
        if (start > 0) {
          await this.#submits.room;
          mark('wait for the GPU');
          signal?.throwIfAborted();
        }
        const [next] = pieces;
        // Everything is encoded ahead, because a busy software adapter leaves the host little CPU time. It is encoded again if the
        // device turns out to be much slower than expected.
        if (next === undefined || (next.stepCount > 1 && next.work > 2 * pace.budget)) {
          pieces = this.#encode(start, pace.budget, timer, staging);
          mark('encode');
        }
        const submitted = pieces.slice(
          0,
          submitEnd(
            pieces.map(({ work }) => work),
            0,
            pace.budget,
          ),
        );
        pieces = pieces.slice(submitted.length);
        const submittedAt = performance.now();
        device.queue.submit(submitted.map(({ commands }) => commands));
        mark('submit');
        start += sumOf(submitted, ({ stepCount }) => stepCount);
        // What is read back was copied last, so it can be mapped when all is done.
        const isLast = start === this.#steps.length;
        const done = isLast ? staging.mapAsync(GPUMapMode.READ) : device.queue.onSubmittedWorkDone();
        const span = done.then(() => ({ start: submittedAt, end: performance.now() }));
        // A run that ends early waits for none of them.
        span.catch(() => undefined);
        submits.push(span);
        this.#submits.add(
          sumOf(submitted, (piece) => piece.work),
          submittedAt,
          span,
        );
      }
    } catch (error) {
      release();
      throw error;
    }
    const finish = async (): Promise<RunResult> => {
      try {
        const busy = await Promise.all(submits);
        mark('wait for the GPU');
        const completedAt = busy.at(-1)?.end ?? since;
        const outputs = this.#read(staging);
        mark('read back');
        const encodeMilliseconds = sumOf(spans, ({ name, start, end }) =>
          name === 'encode' || name === 'submit' ? end - start : 0,
        );
        return { outputs, encodeMilliseconds, spans, busy, stepTimes: await timer?.read(completedAt) };
      } finally {
        release();
      }
    };
    return { result: finish() };
  }

  destroy(): void {
    this.#uniforms.destroy();
    this.#stagings.destroy();
  }

  /** Encodes the steps from `start` on, in parts of bounded work. The last part reads back. */
  #encode(
    start: number,
    budget: number,
    timer: StepTimer | undefined,
    staging: GPUBuffer,
  ): readonly CommandPiece[] {
    const pieces: CommandPiece[] = [];
    for (let first = start; first < this.#steps.length;) {
      const end = submitEnd(this.#works, first, budget);
      const encoder = this.#context.device.createCommandEncoder();
      this.#encodeSteps(encoder, first, end, timer);
      if (end === this.#steps.length) this.#encodeReadback(encoder, timer, staging);
      const work = sumOf(this.#works.slice(first, end), (each) => each);
      pieces.push({ commands: encoder.finish(), stepCount: end - first, work });
      first = end;
    }
    return pieces;
  }

  /** Encodes one compute pass, or one per step with a timer, because timestamps are written at the edges of passes. */
  #encodeSteps(encoder: GPUCommandEncoder, start: number, end: number, timer: StepTimer | undefined): void {
    const steps = this.#steps.slice(start, end);
    if (timer) steps.forEach((step, i) => encodePass(encoder, [step], timer.pass(start + i)));
    else encodePass(encoder, steps);
  }

  #encodeReadback(encoder: GPUCommandEncoder, timer: StepTimer | undefined, staging: GPUBuffer): void {
    timer?.resolve(encoder);
    for (const { source, byteOffset, byteLength } of this.#readbacks) {
      encoder.copyBufferToBuffer(source, 0, staging, byteOffset, byteLength);
    }
  }

  /** @param staging mapped. */
  #read(staging: GPUBuffer): RunResult['outputs'] {
    try {
      const mapped = staging.getMappedRange();
      return new Map(
        this.#readbacks.map(({ name, byteOffset, byteLength }) => [
          name,
          new Float32Array(mapped.slice(byteOffset, byteOffset + byteLength)),
        ]),
      );
    } finally {
      staging.unmap();
    }
  }
}
