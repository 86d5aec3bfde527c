/** GPU timestamps around each step of a run, where the adapter has them. */

/** Queries that a set may hold (WebGPU's own limit), two a step. */
const MAX_QUERIES = 4096;

export class StepTimer {
  readonly #querySet: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  /** A timer for this many steps, or `undefined` when one query set cannot hold them. */
  static create(device: GPUDevice, stepCount: number): StepTimer | undefined {
    return stepCount * 2 <= MAX_QUERIES ? new StepTimer(device, stepCount) : undefined;
  }

  private constructor(
    device: GPUDevice,
    private readonly stepCount: number,
  ) {
    const size = stepCount * 16;
    this.#querySet = device.createQuerySet({ type: 'timestamp', count: stepCount * 2 });
    this.#resolved = device.createBuffer({
      size,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    this.#staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  }

  /** What a compute pass that holds only step `index` is begun with. */
  pass(index: number): GPUComputePassDescriptor {
    return {
      timestampWrites: {
        querySet: this.#querySet,
        beginningOfPassWriteIndex: 2 * index,
        endOfPassWriteIndex: 2 * index + 1,
      },
    };
  }

  resolve(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.#querySet, 0, this.stepCount * 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, this.#staging.size);
  }

  /** Nanoseconds of each step, once the commands have been submitted. */
  async read(): Promise<readonly number[]> {
    await this.#staging.mapAsync(GPUMapMode.READ);
    const times = new BigUint64Array(this.#staging.getMappedRange().slice(0));
    this.#staging.unmap();
    return Array.from({ length: this.stepCount }, (_, i) =>
      Number((times[2 * i + 1] ?? 0n) - (times[2 * i] ?? 0n)),
    );
  }

  destroy(): void {
    this.#querySet.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}
