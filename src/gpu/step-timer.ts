import { GPUBufferUsage, GPUMapMode } from './flags.ts';
/** GPU timestamps around each step of a run, if the adapter has them. */

/** Maximum queries per set (a limit of WebGPU). Each step needs two. */
const MAX_QUERIES = 4096;

/** When a step ran. */
export interface StepTime {
  /** In milliseconds of `performance.now()`. */
  readonly startMilliseconds: number;
  readonly nanoseconds: number;
}

export class StepTimer {
  readonly #querySet: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  /** A timer for this many steps, or `undefined` if one query set cannot hold them. */
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

  /** The timestamp writes of the compute pass that holds only step `index`. */
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
   * Reads the times of all steps after the commands were submitted. The GPU has its own clock, so the times are placed as if the
   * last step had ended exactly when the host saw it.
   * @param completedAt when the host saw the end of the last step, in milliseconds of `performance.now()`.
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
