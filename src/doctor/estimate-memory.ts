/** What a model takes on the GPU, by its configuration alone. Pure planning, without a GPU and without weights. */
import { UniSpeechError } from '../base/errors.ts';
import { smallestPassing } from '../base/smallest-passing.ts';
import type { GpuCapabilities } from '../gpu/capabilities.ts';
import { readbackByteLength } from '../graph/plan.ts';
import { planClip } from '../speech/core/model-plans.ts';
import { SliceEncoder } from '../speech/core/slice-encoder.ts';
import { MAX_SHARED_BYTES } from '../speech/core/weight-uploader.ts';
import { WEIGHT_FORMAT, type Dtype } from '../speech/encoder/weight-dtype.ts';
import { type Architecture, modelLayout } from '../speech/heads/architecture.ts';

export interface MemoryQuestion {
  /** Precision of the weights on the GPU. */
  readonly dtype: Dtype;
  /** Length of the clip. */
  readonly seconds: number;
}

/** Bytes of GPU memory. */
export interface MemoryEstimate extends MemoryQuestion {
  readonly weightByteLength: number;
  readonly activationByteLength: number;
  /** Of the buffer from which the host reads the outputs. */
  readonly readbackByteLength: number;
  /** All together. */
  readonly byteLength: number;
}

/** The offsets of WebGPU's default limits: those of small weights in their common buffer. */
const OFFSET_ALIGNMENT = 256;

/** Bytes of the weights as the loader allocates them, and of the largest buffer. */
export function weightMemory(architecture: Architecture, dtype: Dtype) {
  const encoder = new SliceEncoder(WEIGHT_FORMAT[dtype]);
  let byteLength = 0;
  let largest = 0;
  for (const weight of modelLayout(architecture)) {
    const size = Math.max(16, encoder.byteLengthOf(weight));
    const isShared = size <= MAX_SHARED_BYTES;
    byteLength += isShared ? Math.ceil(size / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT : size;
    largest = Math.max(largest, size);
  }
  return { byteLength, largest };
}

/**
 * What a model and one clip take on a GPU, without optional outputs.
 * @throws UniSpeechError `limit-exceeded` if the adapter cannot run such a clip in one piece.
 */
export function estimateMemory(
  architecture: Architecture,
  capabilities: GpuCapabilities,
  { dtype, seconds }: MemoryQuestion,
): MemoryEstimate {
  const { memory, tensors, outputs } = planClip(architecture, capabilities, seconds, dtype);
  const { byteLength: weights } = weightMemory(architecture, dtype);
  const activations = memory.slabByteLengths.reduce((sum, byteLength) => sum + byteLength, 0);
  const readback = readbackByteLength(tensors, outputs);
  return {
    dtype,
    seconds,
    weightByteLength: weights,
    activationByteLength: activations,
    readbackByteLength: readback,
    byteLength: weights + activations + readback,
  };
}

/** Whether a clip can be planned within these limits. */
export function canPlan(architecture: Architecture, capabilities: GpuCapabilities, seconds: number): boolean {
  try {
    planClip(architecture, capabilities, seconds);
    return true;
  } catch (error) {
    if (error instanceof UniSpeechError && error.code === 'limit-exceeded') return false;
    throw error;
  }
}

const MAX_SECONDS = 3600;

/** The longest clip that the limits allow in one piece, in whole seconds. The search ends at one hour. */
export const longestClip = (architecture: Architecture, capabilities: GpuCapabilities): number =>
  smallestPassing(1, MAX_SECONDS + 1, (seconds) => !canPlan(architecture, capabilities, seconds)) - 1;

/** Numbers of all weights in a file of the model. */
export const parameterCountOf = (architecture: Architecture): number =>
  modelLayout(architecture)
    .flatMap(({ sources }) => sources)
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
