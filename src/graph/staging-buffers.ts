/** The buffers that the outputs of a plan are read from: a second one where a run begins before the outputs of the last one were read. */
import type { GpuContext } from '../gpu/context.ts';
import { GPUBufferUsage } from '../gpu/flags.ts';

export class StagingBuffers {
  readonly #context: GpuContext;
  readonly #byteLength: number;
  readonly #free: GPUBuffer[];
  #hasBoth = false;
  #isDestroyed = false;
  #onReturn: () => void = () => undefined;

  constructor(context: GpuContext, byteLength: number) {
    this.#context = context;
    this.#byteLength = byteLength;
    this.#free = [this.#create()];
  }

  /** To be returned. Waits where both are in use, or where there is no memory for a second one. */
  async take(): Promise<GPUBuffer> {
    const free = this.#free.pop();
    if (free) return free;
    const returned = new Promise<void>((resolve) => {
      this.#onReturn = resolve;
    });
    if (!this.#hasBoth) {
      try {
        const second = await this.#context.checked('the outputs of two runs', () => this.#create());
        this.#hasBoth = true;
        return second;
      } catch {
        // Then runs take turns.
      }
    }
    if (this.#free.length === 0) await returned;
    return this.take();
  }

  /** @param buffer not mapped. */
  return(buffer: GPUBuffer): void {
    if (this.#isDestroyed) buffer.destroy();
    else this.#free.push(buffer);
    this.#onReturn();
  }

  /** A buffer that is in use goes when it is returned. */
  destroy(): void {
    this.#isDestroyed = true;
    for (const buffer of this.#free.splice(0)) buffer.destroy();
  }

  #create(): GPUBuffer {
    return this.#context.device.createBuffer({
      label: 'readback',
      size: this.#byteLength,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }
}
