/**
 * Runs plans with one submit, or several bounded ones for much work, and one readback. Pipelines, bind groups, the uniform buffer
 * and the staging buffers are made once per plan. A run only writes its inputs and encodes again.
 */
import { UniSpeechError } from '../base/errors.ts';
import { LruMap } from '../base/lru-map.ts';
import { inTurns } from '../base/turns.ts';
import type { GpuContext } from '../gpu/context.ts';
import { GPUBufferUsage } from '../gpu/flags.ts';
import { SubmitsInFlight } from '../gpu/submits-in-flight.ts';
import { BoundPlan, type StartedRun } from './bound-plan.ts';
import type { Plan } from './plan.ts';
import type { StepBuffer } from './plan-builder.ts';
import type { RunInputs, RunOptions, RunResult } from './run.ts';

export const disposedError = (): UniSpeechError =>
  new UniSpeechError('disposed', 'This model was disposed.', 'Load it again with from_pretrained.');

/** Maximum number of bound plans. Each holds a uniform buffer and bind groups, not activations. */
const PLAN_CACHE_SIZE = 8;

/**
 * Activation memory, weights and bound plans of one model on one device. Runs are submitted in turns, because they share slabs, which the GPU
 * reads and writes in the order of submits. The next run is submitted while the last one's outputs are still to come.
 */
export class Session {
  readonly #context: GpuContext;
  #weights: ReadonlyMap<string, GPUBufferBinding>;
  readonly #placeholder: GPUBuffer;
  readonly #bound = new LruMap<Plan, BoundPlan>(PLAN_CACHE_SIZE, (bound) => bound.destroy());
  readonly #inTurns = inTurns();
  readonly #submits: SubmitsInFlight;
  /** Runs that were submitted and whose outputs were not read yet. */
  readonly #running = new Set<Promise<RunResult>>();
  #slabs: GPUBuffer[] = [];
  #disposed = false;

  constructor(context: GpuContext, weights: ReadonlyMap<string, GPUBufferBinding>) {
    this.#context = context;
    this.#weights = weights;
    this.#submits = new SubmitsInFlight(context.pace);
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
   * Runs a plan. Two calls at once overlap: while the first one runs, the second one is submitted.
   * @throws UniSpeechError `disposed`, `device-lost`, `out-of-memory`, `shader-failed`, or the signal's reason. The session stays
   * usable after all of these except the first two.
   */
  async run(plan: Plan, inputs: RunInputs, options: RunOptions = {}): Promise<RunResult> {
    try {
      const { result } = await this.#inTurns(() => this.#start(plan, inputs, options));
      return await result;
    } catch (error) {
      options.signal?.throwIfAborted();
      // The device of a model that was disposed may be gone, too.
      if (error instanceof UniSpeechError && error.code === 'disposed') throw error;
      throw await this.#context.explain(error);
    }
  }

  /** Frees the memory of previous runs once they are done. The next run allocates what it needs. */
  trim(): Promise<void> {
    return this.#inTurns(async () => {
      await this.#allRead();
      this.#freeSlabs();
    });
  }

  /** Takes other weights in place of those of the same names, once pending runs are done, and frees these. */
  replaceWeights(weights: ReadonlyMap<string, GPUBufferBinding>): Promise<void> {
    return this.#inTurns(async () => {
      await this.#allRead();
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

  async #start(plan: Plan, inputs: RunInputs, options: RunOptions): Promise<StartedRun> {
    if (this.#disposed) throw disposedError();
    options.signal?.throwIfAborted();
    this.#context.assertAlive();
    const bound = this.#bound.get(plan) ?? (await this.#bind(plan));
    const started = await bound.start(inputs, options);
    const { result } = started;
    this.#running.add(result);
    const forget = (): unknown => this.#running.delete(result);
    result.then(forget, forget);
    return started;
  }

  async #allRead(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #bind(plan: Plan): Promise<BoundPlan> {
    const { pipelines } = this.#context;
    const compiled = await Promise.all(plan.steps.map(({ call }) => pipelines.compile(call.kernel)));
    // Old slabs and new ones would need memory at the same time.
    if (this.#hasToGrow(plan)) await this.#allRead();
    try {
      return await this.#context.checked('the activations of this input', () => {
        this.#growSlabs(plan);
        return this.#bound.getOrMake(
          plan,
          () =>
            new BoundPlan(
              this.#context,
              plan,
              compiled,
              (buffer) => this.#resolve(plan, buffer),
              this.#submits,
            ),
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

  /** Slabs are sorted by size, largest first, in every plan. */
  #hasToGrow({ memory }: Plan): boolean {
    return memory.slabByteLengths.some((byteLength, index) => byteLength > (this.#slabs[index]?.size ?? 0));
  }

  /** Bind groups of older plans become invalid when a slab grows. */
  #growSlabs(plan: Plan): void {
    if (!this.#hasToGrow(plan)) return;
    const byteLengths = plan.memory.slabByteLengths;
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
