/** Weight buffers on the GPU, filled slice by slice. */
import type { WeightFormat } from '../../kernels/weight-format.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { GpuContext } from '../gpu/context.ts';
import { SliceEncoder } from './slice-encoder.ts';
import type { WeightBuffer } from './weight-layout.ts';

/**
 * Bytes that may wait in the queue before the loader waits for the GPU. `writeBuffer` copies, and a device may keep every
 * copy until it is told to work; without a bound the copies of a whole model pile up in memory.
 */
const MAX_PENDING_BYTES = 16 * 2 ** 20;

export class WeightUploader {
  readonly buffers = new Map<string, GPUBuffer>();
  byteLength = 0;
  readonly #encoder: SliceEncoder;
  #pendingBytes = 0;

  /** @param format of matrices. */
  constructor(
    private readonly context: GpuContext,
    format: WeightFormat,
  ) {
    this.#encoder = new SliceEncoder(format);
  }

  /** @throws UniSpeechError `limit-exceeded`. */
  allocate(weight: WeightBuffer): void {
    const { name } = weight;
    const size = Math.max(16, this.#encoder.byteLengthOf(weight));
    const limit = this.context.capabilities.limits.maxStorageBufferBindingSize;
    if (size > limit) {
      throw new UniSpeechError(
        'limit-exceeded',
        `The weight ${name} needs ${size} bytes, but one buffer binding of this adapter holds ${limit}.`,
        'Use a smaller model, fewer bits (dtype), or an adapter with a higher maxStorageBufferBindingSize.',
      );
    }
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    this.buffers.set(name, this.context.device.createBuffer({ label: name, size, usage }));
    this.byteLength += size;
  }

  async write(weight: WeightBuffer, elementOffset: number, values: Float32Array): Promise<void> {
    const buffer = this.buffers.get(weight.name);
    if (buffer === undefined) throw new Error(`no buffer for ${weight.name}`);
    for (const { byteOffset, content } of this.#encoder.slices(weight, elementOffset, values)) {
      this.context.device.queue.writeBuffer(
        buffer,
        byteOffset,
        content.buffer,
        content.byteOffset,
        content.byteLength,
      );
      this.#pendingBytes += content.byteLength;
      if (this.#pendingBytes >= MAX_PENDING_BYTES) await this.drain();
    }
  }

  /** Waits until the GPU has taken everything written so far. */
  async drain(): Promise<void> {
    this.#pendingBytes = 0;
    this.context.device.queue.submit([]);
    await this.context.device.queue.onSubmittedWorkDone();
    this.context.assertAlive();
  }

  destroy(): void {
    for (const buffer of this.buffers.values()) buffer.destroy();
    this.buffers.clear();
  }
}
