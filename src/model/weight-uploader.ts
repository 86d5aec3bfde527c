/** Weight buffers on the GPU, filled slice by slice, matrices encoded on the way. */
import { encodeRows, type EncodedRows } from '../../kernels/encode-weights.ts';
import {
  BLOCK_LENGTH,
  matrixLayout,
  type MatrixLayout,
  type WeightFormat,
} from '../../kernels/weight-format.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { GpuContext } from '../gpu/context.ts';
import type { WeightBuffer } from './weight-layout.ts';

/**
 * Bytes that may wait in the queue before the loader waits for the GPU. `writeBuffer` copies, and a device may keep every
 * copy until it is told to work; without a bound the copies of a whole model pile up in memory.
 */
const MAX_PENDING_BYTES = 16 * 2 ** 20;
export const SLICE_BYTE_LENGTH = 4 * 2 ** 20;
const SLICE_LENGTH = SLICE_BYTE_LENGTH / 4;

/** A matrix that is not kept as float32. */
interface EncodedMatrix {
  readonly rowLength: number;
  readonly layout: MatrixLayout;
}

export class WeightUploader {
  readonly buffers = new Map<string, GPUBuffer>();
  byteLength = 0;
  #pendingBytes = 0;
  /** `writeBuffer` copies, so one slice of encoded weights is enough. */
  #memory: EncodedRows | undefined;

  constructor(
    private readonly context: GpuContext,
    /** Of matrices. */
    private readonly format: WeightFormat,
  ) {}

  /** @throws UniSpeechError `limit-exceeded`. */
  allocate(weight: WeightBuffer): void {
    const { name, elementCount } = weight;
    const size = Math.max(16, this.#encoding(weight)?.layout.byteLength ?? elementCount * 4);
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

  /** @param values of a matrix whole rows; `elementOffset` counts as if all were float32. */
  async write(weight: WeightBuffer, elementOffset: number, values: Float32Array): Promise<void> {
    const encoding = this.#encoding(weight);
    if (encoding === undefined) {
      for (let start = 0; start < values.length; start += SLICE_LENGTH)
        await this.#write(weight, 4 * (elementOffset + start), values.subarray(start, start + SLICE_LENGTH));
      return;
    }
    const { rowLength, layout } = encoding;
    this.#memory ??= {
      words: new Uint32Array(SLICE_LENGTH / 2),
      scales: new Float32Array(SLICE_LENGTH / BLOCK_LENGTH),
    };
    const step = Math.max(1, Math.floor(SLICE_LENGTH / rowLength)) * rowLength;
    for (let start = 0; start < values.length; start += step) {
      const slice = values.subarray(start, start + step);
      const { words, scales } = encodeRows(this.format, slice, rowLength, this.#memory);
      const row = (elementOffset + start) / rowLength;
      await this.#write(weight, row * layout.rowByteLength, words);
      await this.#write(weight, layout.scalesOffset + 4 * row * layout.rowScaleCount, scales);
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

  #encoding({ elementCount, rowLength }: WeightBuffer): EncodedMatrix | undefined {
    if (rowLength === undefined || this.format === 'f32') return undefined;
    return { rowLength, layout: matrixLayout(this.format, { rows: elementCount / rowLength, rowLength }) };
  }

  async #write(
    { name }: WeightBuffer,
    byteOffset: number,
    content: Float32Array | Uint32Array,
  ): Promise<void> {
    const buffer = this.buffers.get(name);
    if (buffer === undefined) throw new Error(`no buffer for ${name}`);
    if (content.byteLength === 0) return;
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
