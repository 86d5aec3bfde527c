/** Kernel calls with buffers of their own, and seeded numbers in them. */
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { GpuContext } from '../../src/gpu/context.ts';
import { bindCalls, type Dispatch } from '../../src/gpu/dispatch.ts';
import { GPUBufferUsage } from '../../src/gpu/flags.ts';
import type { Kernel, KernelCall } from '../../src/gpu/kernel.ts';
import { SliceEncoder } from '../../src/speech/core/slice-encoder.ts';
import { WEIGHT_FORMAT } from '../../src/speech/encoder/weight-dtype.ts';
import type { BenchCase, BindingContent } from './cases.ts';

/** Numbers of one block, repeated as often as needed: number i of a binding is `numberAt(i)`. */
const BLOCK_LENGTH = (1 << 20) - 3;
let block: Float32Array<ArrayBuffer> | undefined;
const numbers = (): Float32Array<ArrayBuffer> =>
  (block ??= Float32Array.from(new SeededRandom(11).normals(BLOCK_LENGTH, 0, 0.25)));
export const numberAt = (index: number): number => numbers()[index % BLOCK_LENGTH] ?? NaN;

/** The part of a case that buffers are made from. */
export type BufferContents = Pick<BenchCase, 'name' | 'bindings' | 'dtype'>;

/** The buffers of a case, shared by its variants. */
export class CaseBuffers {
  readonly #created: GPUBuffer[] = [];
  readonly #bindings: GPUBuffer[] = [];
  readonly #context: GpuContext;

  private constructor(context: GpuContext) {
    this.#context = context;
  }

  /** @throws UniSpeechError `out-of-memory`. */
  static async create(context: GpuContext, benchCase: BufferContents): Promise<CaseBuffers> {
    const buffers = new CaseBuffers(context);
    try {
      await context.checked(benchCase.name, () => {
        for (const { byteLength } of benchCase.bindings)
          buffers.#bindings.push(
            buffers.#buffer(byteLength, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC),
          );
      });
      for (const [index, content] of benchCase.bindings.entries()) {
        const buffer = buffers.#bindings[index];
        if (buffer) await fill(context.device, buffer, content, benchCase);
      }
      // Copies of what was written wait in memory until the device works.
      await context.device.queue.onSubmittedWorkDone();
      return buffers;
    } catch (error) {
      buffers.destroy();
      throw error;
    }
  }

  /** The buffer that a kernel writes. */
  writtenBy({ bindings }: Kernel): GPUBuffer {
    // The uniform block is not among the buffers.
    const written = this.#bindings[bindings.indexOf('write') - 1];
    if (written === undefined) throw new Error('a case without bindings');
    return written;
  }

  /** @throws UniSpeechError `shader-failed`. */
  async bind(call: KernelCall): Promise<Dispatch> {
    const compiled = await this.#context.pipelines.compile(call.kernel);
    const resources = this.#bindings.map((buffer) => ({ buffer }));
    const { dispatches, uniforms } = bindCalls(this.#context.device, [{ call, compiled, resources }]);
    this.#created.push(uniforms);
    const [dispatch] = dispatches;
    if (dispatch === undefined) throw new Error('one call gives one dispatch');
    return dispatch;
  }

  destroy(): void {
    for (const buffer of this.#created) buffer.destroy();
  }

  #buffer(byteLength: number, usage: number): GPUBuffer {
    const buffer = this.#context.device.createBuffer({
      size: Math.max(16, Math.ceil(byteLength / 16) * 16),
      usage: usage | GPUBufferUsage.COPY_DST,
    });
    this.#created.push(buffer);
    return buffer;
  }
}

async function fill(
  device: GPUDevice,
  buffer: GPUBuffer,
  content: BindingContent,
  { dtype }: BufferContents,
): Promise<void> {
  switch (content.kind) {
    case 'numbers':
      writeNumbers(device, buffer, content.byteLength);
      return;
    case 'integers':
      device.queue.writeBuffer(buffer, 0, new Uint32Array(content.byteLength / 4).fill(content.value));
      return;
    case 'weights': {
      const { weight } = content;
      const { rowLength = 4, elementCount } = weight;
      if (WEIGHT_FORMAT[dtype] === 'f32') {
        writeNumbers(device, buffer, content.byteLength);
        return;
      }
      const encoder = new SliceEncoder(WEIGHT_FORMAT[dtype]);
      const step = Math.max(1, Math.floor(BLOCK_LENGTH / rowLength)) * rowLength;
      for (let start = 0; start < elementCount; start += step) {
        const values = numbers().subarray(0, Math.min(step, elementCount - start));
        for await (const { byteOffset, content: bytes } of encoder.slices(weight, start, values))
          device.queue.writeBuffer(buffer, byteOffset, bytes.buffer, bytes.byteOffset, bytes.byteLength);
      }
    }
  }
}

function writeNumbers(device: GPUDevice, buffer: GPUBuffer, byteLength: number): void {
  const values = numbers();
  for (let offset = 0; offset < byteLength; offset += values.byteLength) {
    const length = Math.min(values.byteLength, byteLength - offset);
    device.queue.writeBuffer(buffer, offset, values.buffer, 0, length);
  }
}
