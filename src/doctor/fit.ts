/** Tells how models of the published sizes fit the limits of an adapter. Pure planning, without a GPU. */
import { smallestPassing } from '../base/smallest-passing.ts';
import type { GpuCapabilities, GpuLimits } from '../gpu/capabilities.ts';
import { explainPlan } from '../graph/explain.ts';
import { planClip } from '../speech/core/model-plans.ts';
import { canPlan, longestClip, parameterCountOf } from './estimate-memory.ts';
import { NOMINAL_MODELS, type NominalModel } from './model-sizes.ts';
import { describePartError } from './part.ts';
import type { ClipPlan, LimitRow, ModelFit, ModelSize, Part } from './report.ts';

/** Lengths of clips that are planned, in seconds. */
const CLIP_SECONDS = [1, 5, 15] as const;
/** The clip length that the limits must allow, in seconds. Longer audio uses `chunk_length_s`. */
const NEEDED_SECONDS = 15;
const MEBIBYTE = 2 ** 20;

/** The kernels need only what WebGPU guarantees; the widest workgroup has 64 threads. */
const KERNEL_NEEDS = { maxComputeWorkgroupStorageSize: 16_384, maxComputeInvocationsPerWorkgroup: 64 };

const weightByteLengths = ({ weights }: NominalModel): readonly number[] =>
  weights.map(({ elementCount }) => 4 * elementCount);

const withLimits = (capabilities: GpuCapabilities, limits: Partial<GpuLimits>): GpuCapabilities => ({
  ...capabilities,
  limits: { ...capabilities.limits, ...limits },
});

/** The smallest value of each limit that a model can run with, while the other limits stay as they are. */
function neededLimits(model: NominalModel, capabilities: GpuCapabilities): GpuLimits {
  const roomy = withLimits(capabilities, {
    maxBufferSize: 2 ** 40,
    maxStorageBufferBindingSize: 2 ** 40,
    maxComputeWorkgroupsPerDimension: 65_535,
  });
  const largestWeight = Math.max(...weightByteLengths(model));
  const plannable = smallestPassing(1, 1024, (mebibytes) =>
    canPlan(model, withLimits(roomy, { maxStorageBufferBindingSize: mebibytes * MEBIBYTE }), NEEDED_SECONDS),
  );
  const binding = Math.max(plannable * MEBIBYTE, Math.ceil(largestWeight / MEBIBYTE) * MEBIBYTE);
  const tight = withLimits(roomy, { maxStorageBufferBindingSize: binding });
  const { steps } = planClip(model, tight, NEEDED_SECONDS);
  return {
    maxStorageBufferBindingSize: binding,
    // A buffer is never larger than one binding of it.
    maxBufferSize: binding,
    ...KERNEL_NEEDS,
    maxComputeWorkgroupsPerDimension: Math.max(...steps.flatMap(({ call }) => call.workgroups)),
  };
}

const LIMITS: Readonly<Record<keyof GpuLimits, Pick<LimitRow, 'label' | 'unit'>>> = {
  maxStorageBufferBindingSize: { label: 'Largest binding', unit: 'bytes' },
  maxBufferSize: { label: 'Largest buffer', unit: 'bytes' },
  maxComputeWorkgroupStorageSize: { label: 'Workgroup memory', unit: 'bytes' },
  maxComputeInvocationsPerWorkgroup: { label: 'Threads per workgroup', unit: 'count' },
  maxComputeWorkgroupsPerDimension: { label: 'Workgroups per dimension', unit: 'count' },
};

/** Each limit of the adapter, and the values that models of both sizes need. */
export function compareLimits(capabilities: GpuCapabilities): readonly LimitRow[] {
  const needs = NOMINAL_MODELS.map((model) => {
    return { size: model.size, limits: neededLimits(model, capabilities) };
  });
  const bySize = <T>(pick: (limits: GpuLimits) => T): Record<ModelSize, T> =>
    Object.fromEntries(needs.map(({ size, limits }) => [size, pick(limits)])) as Record<ModelSize, T>;
  return (Object.keys(LIMITS) as (keyof GpuLimits)[]).map((name) => {
    const found = capabilities.limits[name];
    return {
      name,
      ...LIMITS[name],
      found,
      needed: bySize((limits) => limits[name]),
      suffices: bySize((limits) => limits[name] <= found),
    };
  });
}

function planPart(model: NominalModel, capabilities: GpuCapabilities, seconds: number): Part<ClipPlan> {
  try {
    const plan = planClip(model, capabilities, seconds);
    const { dispatchCount, flops, activationByteLength } = explainPlan(plan, capabilities);
    const kernels = [...new Set(plan.steps.map(({ call }) => call.kernel.name))].sort();
    return { status: 'done', value: { seconds, dispatchCount, flops, activationByteLength, kernels } };
  } catch (error) {
    return { status: 'failed', error: describePartError(error) };
  }
}

/** How a model of one size would run on this adapter. */
export function fitModel(model: NominalModel, capabilities: GpuCapabilities): ModelFit {
  const { size, config } = model;
  return {
    size,
    shape: `${config.num_hidden_layers} layers of ${config.hidden_size}`,
    parameterCount: parameterCountOf(model),
    dtype: 'fp32',
    weightByteLength: weightByteLengths(model).reduce((sum, byteLength) => sum + byteLength, 0),
    clips: CLIP_SECONDS.map((seconds) => planPart(model, capabilities, seconds)),
    longestClipSeconds: longestClip(model, capabilities),
  };
}
