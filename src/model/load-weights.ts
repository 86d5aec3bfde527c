/** Brings a checkpoint onto the GPU: one pass over the file, slice by slice. */
import type { WeightFormat } from '../../kernels/weight-format.ts';
import type { GpuContext } from '../gpu/context.ts';
import { BufferPool, resolveNames, type Checkpoint } from '../weights/index.ts';
import type { WeightBuffer } from './weight-layout.ts';
import { SLICE_BYTE_LENGTH, WeightUploader } from './weight-uploader.ts';

/** Where the elements of one checkpoint tensor go. */
interface Destination {
  readonly weight: WeightBuffer;
  readonly sourceIndex: number;
  /** First element of the source in the buffer, where the buffer is its sources one after another. */
  readonly elementOffset: number;
}

export interface LoadedWeights {
  readonly buffers: ReadonlyMap<string, GPUBuffer>;
  /** Bytes on the GPU. */
  readonly byteLength: number;
}

/**
 * Uploads every weight of a layout.
 * @param onUnexpected called once with the names in the file that nothing reads, if there are any.
 * @throws UniSpeechError `bad-checkpoint`, `out-of-memory`, `limit-exceeded`, or what the source throws; nothing stays allocated.
 */
export async function loadWeights(
  context: GpuContext,
  checkpoint: Checkpoint,
  layout: readonly WeightBuffer[],
  options: {
    readonly signal?: AbortSignal | undefined;
    /** The format of matrices. */
    readonly format: WeightFormat;
    readonly onUnexpected: (names: readonly string[]) => void;
  },
): Promise<LoadedWeights> {
  const { names, unexpected } = resolveNames(
    layout.flatMap(({ sources }) => sources),
    checkpoint,
  );
  if (unexpected.length > 0) options.onUnexpected(unexpected);
  const uploader = new WeightUploader(context, options.format);
  try {
    await context.checked('the weights of this model', () => {
      for (const weight of layout) uploader.allocate(weight);
    });
    const destinations = destinationsOf(layout);
    const packer = new Packer(uploader);
    for (const [expectedName, fileName] of names) {
      const destination = destinations.get(expectedName);
      if (destination === undefined) continue;
      options.signal?.throwIfAborted();
      if (destination.weight.pack === undefined) {
        await streamTensor(uploader, checkpoint, fileName, destination, options.signal);
      } else {
        const values = packer.memory(elementCountOf(destination));
        await checkpoint.readWhole(fileName, options.signal, values);
        await packer.add(destination, values);
      }
    }
    await checkpoint.finish(options.signal);
    await uploader.drain();
  } catch (error) {
    uploader.destroy();
    throw error;
  }
  return { buffers: uploader.buffers, byteLength: uploader.byteLength };
}

function destinationsOf(layout: readonly WeightBuffer[]): ReadonlyMap<string, Destination> {
  const destinations = new Map<string, Destination>();
  for (const weight of layout) {
    let elementOffset = 0;
    weight.sources.forEach((source, sourceIndex) => {
      destinations.set(source.name, { weight, sourceIndex, elementOffset });
      elementOffset += source.shape.reduce((total, dim) => total * dim, 1);
    });
  }
  return destinations;
}

async function streamTensor(
  uploader: WeightUploader,
  checkpoint: Checkpoint,
  fileName: string,
  { weight, elementOffset }: Destination,
  signal: AbortSignal | undefined,
): Promise<void> {
  const options = {
    sliceByteLength: SLICE_BYTE_LENGTH,
    // Matrices are encoded by whole rows.
    alignElements: weight.rowLength ?? 1,
    ...(signal && { signal }),
  };
  for await (const slice of checkpoint.read(fileName, options)) {
    await uploader.write(weight, elementOffset + slice.elementOffset, slice.values);
  }
}

function elementCountOf({ weight, sourceIndex }: Destination): number {
  return (weight.sources[sourceIndex]?.shape ?? []).reduce((total, dim) => total * dim, 1);
}

/** Packs a buffer once its last source has come; the sources of one buffer lie close together in a file. */
class Packer {
  readonly #waiting = new Map<WeightBuffer, Float32Array<ArrayBuffer>[]>();
  readonly #pool = new BufferPool();

  constructor(private readonly uploader: WeightUploader) {}

  /** For a source: used again once it was packed. */
  memory(elementCount: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#pool.take(4 * elementCount), 0, elementCount);
  }

  async add({ weight, sourceIndex }: Destination, values: Float32Array<ArrayBuffer>): Promise<void> {
    const sources = this.#waiting.get(weight) ?? [];
    sources[sourceIndex] = values;
    this.#waiting.set(weight, sources);
    const isComplete = weight.sources.every((_, index) => sources[index] !== undefined);
    if (!isComplete || weight.pack === undefined) return;
    this.#waiting.delete(weight);
    const packed = this.memory(weight.elementCount).fill(0);
    weight.pack(sources, packed);
    await this.uploader.write(weight, 0, packed);
    for (const { buffer } of [...sources, packed]) this.#pool.give(buffer);
  }
}
