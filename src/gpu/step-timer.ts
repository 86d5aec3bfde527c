import { GPUBufferUsage, GPUMapMode } from './flags.ts';
/** GPU timestamps around each step of a run, where the adapter has them. */

/** Queries that a set may hold (WebGPU's own limit), two a step. */
const MAX_QUERIES = 4096;

/** When a step ran. */
export interface StepTime {
  /** On the clock of `performance.now()`. */
  readonly startMilliseconds: number;
  readonly nanoseconds: number;
}

export class StepTimer {
  readonly #querySet: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  /** A timer for this many steps, or `undefined` when one query set cannot hold them. */
  static create(device: GPUDevice, stepCount: number): StepTimer | undefined {
    return stepCount * 2 <= MAX_QUERIES ? new StepTimer(device, stepCount) : undefined;
  }

  readonly #stepCount: number;

  private constructor(device: GPUDevice, stepCount: number) {
    this.#stepCount = stepCount;
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
    encoder.resolveQuerySet(this.#querySet, 0, this.#stepCount * 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, this.#staging.size);
  }

  /**
   * The times of all steps, once the commands have been submitted. The GPU has a clock of its own, so they are placed as if the
   * last step had ended just when the host saw it.
   * @param completedAt when the host saw the last step ended, by `performance.now()`.
   */
  async read(completedAt: number): Promise<readonly StepTime[]> {
    await this.#staging.mapAsync(GPUMapMode.READ);
    const times = new BigUint64Array(this.#staging.getMappedRange().slice(0));
    this.#staging.unmap();
    const last = times.reduce((latest, time) => (time > latest ? time : latest), 0n);
    return Array.from({ length: this.#stepCount }, (_, i) => {
      const [begin = 0n, end = 0n] = times.subarray(2 * i, 2 * i + 2);
      return {
        startMilliseconds: completedAt - Number(last - begin) / 1e6,
        nanoseconds: Number(end - begin),
      };
    });
  }

  destroy(): void {
    this.#querySet.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}
