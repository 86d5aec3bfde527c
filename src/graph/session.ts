/**
 * Runs plans with one submit, or several bounded ones for much work, and one readback. Pipelines, bind groups, the uniform buffer
 * and the staging buffer are made once per plan. A run only writes its inputs and encodes again.
 */
import { UniSpeechError } from '../base/errors.ts';
import { LruMap } from '../base/lru-map.ts';
import { inTurns } from '../base/turns.ts';
import type { GpuContext } from '../gpu/context.ts';
import { GPUBufferUsage } from '../gpu/flags.ts';
import { BoundPlan } from './bound-plan.ts';
import type { Plan } from './plan.ts';
import type { StepBuffer } from './plan-builder.ts';
import type { RunInputs, RunOptions, RunResult } from './run.ts';

export const disposedError = (): UniSpeechError =>
  new UniSpeechError('disposed', 'This model was disposed.', 'Load it again with from_pretrained.');

/** Maximum number of bound plans. Each holds a uniform buffer and bind groups, not activations. */
const PLAN_CACHE_SIZE = 8;

/** Activation memory, weights and bound plans of one model on one device. Runs are queued, because they share slabs. */
export class Session {
  readonly #context: GpuContext;
  #weights: ReadonlyMap<string, GPUBufferBinding>;
  readonly #placeholder: GPUBuffer;
  readonly #bound = new LruMap<Plan, BoundPlan>(PLAN_CACHE_SIZE, (bound) => bound.destroy());
  readonly #inTurns = inTurns();
  #slabs: GPUBuffer[] = [];
  #disposed = false;

  constructor(context: GpuContext, weights: ReadonlyMap<string, GPUBufferBinding>) {
    this.#context = context;
    this.#weights = weights;
    this.#placeholder = context.device.createBuffer({
      label: 'placeholder',
      size: 16,
      usage: GPUBufferUsage.STORAGE,
    });
  }

  /** Bytes of GPU memory for activations. */
  get activationByteLength(): number {
    return this.#slabs.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Runs a plan. Calls wait for each other.
   * @throws UniSpeechError `disposed`, `device-lost`, `out-of-memory`, `shader-failed`, or the signal's reason. The session stays
   * usable after all of these except the first two.
   */
  run(plan: Plan, inputs: RunInputs, options: RunOptions = {}): Promise<RunResult> {
    return this.#inTurns(() => this.#run(plan, inputs, options));
  }

  /** Frees the memory of previous runs once they are done. The next run allocates what it needs. */
  trim(): Promise<void> {
    return this.#inTurns(() => this.#freeSlabs());
  }

  /** Takes other weights in place of those of the same names, once pending runs are done, and frees these. */
  replaceWeights(weights: ReadonlyMap<string, GPUBufferBinding>): Promise<void> {
    return this.#inTurns(() => {
      if (this.#disposed) throw disposedError();
      this.#bound.clear();
      for (const name of weights.keys()) this.#weights.get(name)?.buffer.destroy();
      this.#weights = new Map([...this.#weights, ...weights]);
    });
  }

  /** Waits for pending runs and frees everything. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.trim();
    this.#placeholder.destroy();
    // Some weights share a buffer. Destroying a buffer twice is allowed.
    for (const { buffer } of this.#weights.values()) buffer.destroy();
  }

  async #run(plan: Plan, inputs: RunInputs, options: RunOptions): Promise<RunResult> {
    if (this.#disposed) throw disposedError();
    options.signal?.throwIfAborted();
    this.#context.assertAlive();
    try {
      const bound = this.#bound.get(plan) ?? (await this.#bind(plan));
      return await bound.run(inputs, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw await this.#context.explain(error);
    }
  }

  async #bind(plan: Plan): Promise<BoundPlan> {
    const { pipelines } = this.#context;
    const compiled = await Promise.all(plan.steps.map(({ call }) => pipelines.compile(call.kernel)));
    try {
      return await this.#context.checked('the activations of this input', () => {
        this.#growSlabs(plan.memory.slabByteLengths);
        return this.#bound.getOrMake(
          plan,
          () => new BoundPlan(this.#context, plan, compiled, (buffer) => this.#resolve(plan, buffer)),
        );
      });
    } catch (error) {
      // A buffer whose allocation failed looks like any other, so everything bound to it is dropped.
      this.#freeSlabs();
      throw error;
    }
  }

  #freeSlabs(): void {
    this.#bound.clear();
    for (const slab of this.#slabs) slab.destroy();
    this.#slabs = [];
  }

  /** Slabs are sorted by size, largest first, in every plan. Bind groups of older plans become invalid when a slab grows. */
  #growSlabs(byteLengths: readonly number[]): void {
    const grown = byteLengths.some((byteLength, index) => byteLength > (this.#slabs[index]?.size ?? 0));
    if (!grown) return;
    this.#bound.clear();
    const sizes = Array.from({ length: Math.max(byteLengths.length, this.#slabs.length) }, (_, index) =>
      Math.max(byteLengths[index] ?? 0, this.#slabs[index]?.size ?? 0),
    );
    this.#slabs = sizes.map((size, index) => {
      const old = this.#slabs[index];
      if (old?.size === size) return old;
      old?.destroy();
      return this.#context.device.createBuffer({
        label: `slab ${index}`,
        size,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      });
    });
  }

  #resolve(plan: Plan, buffer: StepBuffer): GPUBufferBinding {
    if (buffer === undefined) return { buffer: this.#placeholder };
    if (typeof buffer === 'string') {
      const found = this.#weights.get(buffer);
      if (found === undefined) throw new Error(`the model has no weight buffer "${buffer}"`);
      return found;
    }
    const slab = this.#slabs[plan.memory.slabOf[buffer] ?? -1];
    const size = plan.tensors[buffer]?.byteLength;
    if (slab === undefined || size === undefined) throw new Error(`the plan has no tensor ${buffer}`);
    return { buffer: slab, offset: 0, size };
  }
}
