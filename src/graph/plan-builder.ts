/** Collects the steps and tensors of a plan, then derives lifetimes and the memory plan from them. */
import type { GpuCapabilities } from '../gpu/capabilities.ts';
import type { WeightFormat } from '../../kernels/weight-format.ts';
import type { PlannedCall } from '../../kernels/recipes.ts';
import { UniSpeechError } from '../base/errors.ts';
import { planMemory, type MemoryPlan } from './memory.ts';
import type { WeightName } from './graph-tensor.ts';

/**
 * A binding of a step: a weight by its name, a tensor of the plan by its index, or nothing if the shader's branch for it is
 * switched off.
 */
export type StepBuffer = WeightName | number | undefined;

export interface PlanStep {
  /** The part of the model, for example `layer 3 attention`. */
  readonly name: string;
  readonly call: PlannedCall;
  /** Bindings after the uniform block, in order. */
  readonly buffers: readonly StepBuffer[];
}

export interface PlanTensor {
  readonly name: string;
  readonly byteLength: number;
}

export class PlanBuilder {
  readonly steps: PlanStep[] = [];
  readonly tensors: PlanTensor[] = [];

  constructor(
    readonly capabilities: GpuCapabilities,
    /** The format of matrix weights on the GPU. */
    readonly weightFormat: WeightFormat,
  ) {}

  /**
   * A tensor of 32-bit elements. Its memory is a multiple of 16 bytes, as bindings of vec4s and copies need.
   * @throws UniSpeechError `limit-exceeded` if it is larger than one binding may be.
   */
  tensor(name: string, elements: number): number {
    const byteLength = Math.max(16, Math.ceil(elements / 4) * 16);
    const limit = Math.min(
      this.capabilities.limits.maxStorageBufferBindingSize,
      this.capabilities.limits.maxBufferSize,
    );
    if (byteLength > limit) {
      throw new UniSpeechError(
        'limit-exceeded',
        `The tensor "${name}" of this input needs ${byteLength} bytes, but one buffer binding of this adapter holds ${limit}.`,
        'Use shorter audio, or the chunk_length_s option of speech recognition.',
      );
    }
    return this.tensors.push({ name, byteLength }) - 1;
  }

  /** @throws UniSpeechError `limit-exceeded` if a dimension of the grid is larger than the adapter allows. */
  step(name: string, call: PlannedCall, buffers: readonly StepBuffer[]): void {
    const { maxComputeWorkgroupsPerDimension } = this.capabilities.limits;
    if (Math.max(...call.workgroups) > maxComputeWorkgroupsPerDimension) {
      throw new UniSpeechError(
        'limit-exceeded',
        `The step "${name}" of this input needs ${call.workgroups.join(' x ')} workgroups, but this adapter takes ${maxComputeWorkgroupsPerDimension} a dimension.`,
        'Use shorter audio or smaller batches, or the chunk_length_s option of speech recognition.',
      );
    }
    this.steps.push({ name, call, buffers });
  }

  /** A lifetime runs from the first step that touches a tensor to the last. Kept tensors live to the end. */
  planMemory(inputs: Iterable<number>, outputs: Iterable<number>): MemoryPlan {
    const lifetimes = this.tensors.map(({ byteLength }) => ({
      byteLength,
      firstStep: Infinity,
      lastStep: -1,
    }));
    const touch = (id: number, step: number): void => {
      const lifetime = lifetimes[id];
      if (lifetime === undefined) return;
      lifetime.firstStep = Math.min(lifetime.firstStep, step);
      lifetime.lastStep = Math.max(lifetime.lastStep, step);
    };
    this.steps.forEach(({ buffers }, step) => {
      for (const buffer of buffers) if (typeof buffer === 'number') touch(buffer, step);
    });
    for (const id of inputs) touch(id, -1);
    for (const id of outputs) touch(id, this.steps.length);
    return planMemory(lifetimes);
  }
}
