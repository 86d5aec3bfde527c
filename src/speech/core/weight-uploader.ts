/** Weights on the GPU, filled slice by slice: large ones in buffers of their own, small ones in one together. */
import type { WeightFormat } from '../../../kernels/weight-format.ts';
import { UniSpeechError } from '../../base/errors.ts';
import type { GpuContext } from '../../gpu/context.ts';
import { SliceEncoder } from './slice-encoder.ts';
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import { GPUBufferUsage } from '../../gpu/flags.ts';

/**
 * Bytes that may wait in the queue before the loader waits for the GPU. `writeBuffer` copies, and a device may keep every
 * copy until it is told to work; without a bound the copies of a whole model pile up in memory.
 */
const MAX_PENDING_BYTES = 16 * 2 ** 20;
/**
 * Weights of at most so many bytes (biases, norms) share a buffer: the implementation keeps track of every buffer that a
 * submit uses. A submit of 24 layers takes the host 0.19 instead of 0.28 ms with Dawn on lavapipe.
 */
export const MAX_SHARED_BYTES = 16 * 2 ** 10;

/** Where a weight lies. */
type WeightBinding = Required<GPUBufferBinding>;

export class WeightUploader {
  readonly bindings = new Map<string, WeightBinding>();
  readonly #encoder: SliceEncoder;
  #pendingBytes = 0;
  readonly #context: GpuContext;

  /** @param format of matrices. */
  constructor(context: GpuContext, format: WeightFormat) {
    this.#context = context;
    this.#encoder = new SliceEncoder(format);
  }

  /** @throws UniSpeechError `limit-exceeded`. */
  allocate(layout: readonly WeightBuffer[]): void {
    const alignment = this.#context.device.limits.minStorageBufferOffsetAlignment;
    const shared: { name: string; offset: number; size: number }[] = [];
    let sharedByteLength = 0;
    for (const weight of layout) {
      const { name } = weight;
      const size = this.#sizeOf(weight);
      if (size <= MAX_SHARED_BYTES) {
        shared.push({ name, offset: sharedByteLength, size });
        sharedByteLength += Math.ceil(size / alignment) * alignment;
      } else {
        this.bindings.set(name, { buffer: this.#createBuffer(name, size), offset: 0, size });
      }
    }
    if (shared.length === 0) return;
    const buffer = this.#createBuffer('small weights', sharedByteLength);
    for (const { name, ...place } of shared) this.bindings.set(name, { buffer, ...place });
  }

  keepsFloat16(weight: WeightBuffer): boolean {
    return this.#encoder.keepsFloat16(weight);
  }

  async write(
    weight: WeightBuffer,
    elementOffset: number,
    values: Float32Array | Uint16Array,
  ): Promise<void> {
    const binding = this.bindings.get(weight.name);
    if (binding === undefined) throw new Error(`no buffer for ${weight.name}`);
    for await (const { byteOffset, content } of this.#encoder.slices(weight, elementOffset, values)) {
      this.#context.device.queue.writeBuffer(
        binding.buffer,
        binding.offset + byteOffset,
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
    this.#context.device.queue.submit([]);
    await this.#context.device.queue.onSubmittedWorkDone();
    this.#context.assertAlive();
  }

  destroy(): void {
    for (const { buffer } of this.bindings.values()) buffer.destroy();
    this.bindings.clear();
  }

  #sizeOf(weight: WeightBuffer): number {
    const size = Math.max(16, this.#encoder.byteLengthOf(weight));
    const limit = this.#context.capabilities.limits.maxStorageBufferBindingSize;
    if (size > limit) {
      throw new UniSpeechError(
        'limit-exceeded',
        `The weight ${weight.name} needs ${size} bytes, but one buffer binding of this adapter holds ${limit}.`,
        'Use a smaller model, fewer bits (dtype), or an adapter with a higher maxStorageBufferBindingSize.',
      );
    }
    return size;
  }

  #createBuffer(label: string, size: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    return this.#context.device.createBuffer({ label, size, usage });
  }
}
