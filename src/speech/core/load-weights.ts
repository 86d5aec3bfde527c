/** Loads a checkpoint onto the GPU in one pass over the file, slice by slice. */
import type { WeightFormat } from '../../../kernels/weight-format.ts';
import type { GpuContext } from '../../gpu/context.ts';
import { BufferPool } from '../../checkpoint/buffer-pool.ts';
import { type Checkpoint } from '../../checkpoint/checkpoint.ts';
import { type ResolvedNames } from '../../checkpoint/names.ts';
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import { WeightUploader } from './weight-uploader.ts';

/** The destination of the elements of one checkpoint tensor. */
interface Destination {
  readonly weight: WeightBuffer;
  readonly sourceIndex: number;
  /** First element of the source in the buffer, where the buffer is its sources one after another. */
  readonly elementOffset: number;
}

export interface LoadedWeights {
  readonly bindings: ReadonlyMap<string, GPUBufferBinding>;
  /** Bytes on the GPU. */
  readonly byteLength: number;
}

export interface UploadOptions {
  readonly format: WeightFormat;
  readonly apart?: ReadonlySet<string>;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes of the buffers of bindings; several may lie in one. */
export function byteLengthOf(bindings: ReadonlyMap<string, GPUBufferBinding>): number {
  const buffers = new Set(Array.from(bindings.values(), ({ buffer }) => buffer));
  return Array.from(buffers).reduce((sum, { size }) => sum + size, 0);
}

/** Where weights go, in slices that are whole rows of matrices. */
export interface WeightSink {
  /** Whether `write` takes the numbers of a weight as bit patterns of float16; it never does where this is left out. */
  keepsFloat16?(weight: WeightBuffer): boolean;
  write(weight: WeightBuffer, elementOffset: number, values: Float32Array | Uint16Array): Promise<void>;
}

/** Weights and the checkpoint that holds them. */
export interface WeightPart {
  readonly checkpoint: Checkpoint;
  readonly layout: readonly WeightBuffer[];
  /** Of its tensors, as `resolveNames` found them in the checkpoint. */
  readonly names: ResolvedNames['names'];
}

/**
 * Uploads every weight of all parts.
 * @param options.format of matrices on the GPU.
 * @param options.apart names of weights that share no buffer with others, as they may be replaced.
 * @throws UniSpeechError `bad-checkpoint`, `out-of-memory`, `limit-exceeded`, or what the source throws; nothing stays allocated.
 */
export async function loadWeights(
  context: GpuContext,
  parts: readonly WeightPart[],
  { format, apart = new Set(), signal }: UploadOptions,
): Promise<LoadedWeights> {
  const uploader = new WeightUploader(context, format);
  const all = parts.flatMap(({ layout }) => layout);
  try {
    await context.checked('the weights of this model', () => {
      uploader.allocate(all.filter(({ name }) => !apart.has(name)));
      uploader.allocate(all.filter(({ name }) => apart.has(name)));
    });
    for (const { checkpoint, layout, names } of parts)
      await streamWeights(checkpoint, layout, names, uploader, signal);
    await uploader.drain();
  } catch (error) {
    uploader.destroy();
    throw error;
  }
  return { bindings: uploader.bindings, byteLength: byteLengthOf(uploader.bindings) };
}

/**
 * Reads the weights of a layout in the order of the file and hands them on.
 * @param names as for `loadWeights`.
 * @throws UniSpeechError `bad-checkpoint`, or what source and sink throw.
 */
export async function streamWeights(
  checkpoint: Checkpoint,
  layout: readonly WeightBuffer[],
  names: ResolvedNames['names'],
  sink: WeightSink,
  signal: AbortSignal | undefined,
): Promise<void> {
  const destinations = destinationsOf(layout);
  const packer = new Packer(sink);
  for (const [expectedName, fileName] of names) {
    const destination = destinations.get(expectedName);
    if (destination === undefined) continue;
    signal?.throwIfAborted();
    if (destination.weight.pack === undefined) {
      await streamTensor(sink, checkpoint, fileName, destination, signal);
    } else {
      const values = packer.memory(elementCountOf(destination));
      await checkpoint.readWhole(fileName, signal, values);
      await packer.add(destination, values);
    }
  }
  await checkpoint.finish(signal);
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
  sink: WeightSink,
  checkpoint: Checkpoint,
  fileName: string,
  { weight, elementOffset }: Destination,
  signal: AbortSignal | undefined,
): Promise<void> {
  const options = {
    // Matrices are encoded by whole rows.
    alignElements: weight.rowLength ?? 1,
    // For float16 weights, a float16 file is not converted to float32 and back.
    keepFloat16: sink.keepsFloat16?.(weight) === true,
    ...(signal && { signal }),
  };
  for await (const slice of checkpoint.read(fileName, options)) {
    await sink.write(weight, elementOffset + slice.elementOffset, slice.values);
  }
}

function elementCountOf({ weight, sourceIndex }: Destination): number {
  return (weight.sources[sourceIndex]?.shape ?? []).reduce((total, dim) => total * dim, 1);
}

/** Packs a buffer once its last source has come; the sources of one buffer lie close together in a file. */
class Packer {
  readonly #waiting = new Map<WeightBuffer, Float32Array<ArrayBuffer>[]>();
  readonly #pool = new BufferPool();
  readonly #sink: WeightSink;

  constructor(sink: WeightSink) {
    this.#sink = sink;
  }

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
    await this.#sink.write(weight, 0, packed);
    for (const { buffer } of [...sources, packed]) this.#pool.give(buffer);
  }
}
