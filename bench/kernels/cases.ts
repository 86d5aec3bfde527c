/** What is measured: every kernel that models run, on the shapes of their plans, in every variant. Pure data. */
import { attentionVariants, planAttention, type AttentionCall } from '../../kernels/attention.ts';
import { planGemm, type GemmCall } from '../../kernels/gemm.ts';
import { planGemmNorm, type GemmNormCall } from '../../kernels/gemm-norm.ts';
import { gemmVariants, rowVariants } from '../../kernels/gemm-variants.ts';
import { isGemm, isGemmNorm, type PlannedCall } from '../../kernels/recipes.ts';
import { matrixLayout } from '../../kernels/weight-format.ts';
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { packParams } from '../../src/gpu/kernel.ts';
import { planGraph, type Plan } from '../../src/graph/plan.ts';
import type { PlanStep, StepBuffer } from '../../src/graph/plan-builder.ts';
import type { Encoder } from '../../src/speech/encoder/encoder.ts';
import { activationOf } from '../../src/speech/encoder/encoder-builder.ts';
import { WEIGHT_FORMAT, type Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import type { WeightBuffer } from '../../src/speech/encoder/weight-buffers.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { FRAME_CLASSIFICATION_HEAD } from '../../src/speech/heads/frame-classification.ts';
import { type Architecture, buildModelGraph, modelLayout } from '../../src/speech/heads/architecture.ts';
import type { Head } from '../../src/speech/heads/head.ts';
import { PRE_TRAINING_HEAD } from '../../src/speech/heads/pre-training.ts';
import { SPEAKER_PRODUCTS } from '../../src/speech/heads/read-outputs.ts';
import { SEQUENCE_CLASSIFICATION_HEAD } from '../../src/speech/heads/sequence-classification.ts';
import { X_VECTOR_HEAD } from '../../src/speech/heads/x-vector.ts';

/** Content of a binding; the numbers are seeded and never constant. */
export type BindingContent =
  | { readonly kind: 'numbers'; readonly byteLength: number }
  | { readonly kind: 'weights'; readonly byteLength: number; readonly weight: WeightBuffer }
  /** Whole numbers, all the same where the kernel needs them so: key counts, codes of frames. */
  | { readonly kind: 'integers'; readonly byteLength: number; readonly value: number };

export interface BenchCase {
  /** For example `base 5 s: layer up`. */
  readonly name: string;
  /** The static choice: what the engine runs here where `tune` has measured nothing. */
  readonly chosen: PlannedCall;
  /** That and its twins; the same work on the same bindings. */
  readonly variants: readonly PlannedCall[];
  /** After the uniform block, in order. */
  readonly bindings: readonly BindingContent[];
  readonly dtype: Dtype;
}

export interface CaseModel extends Encoder {
  readonly size: string;
}

/** Heads with the inputs and outputs of a call that make them compute everything. */
const HEADS: readonly (readonly [Head<unknown>, readonly string[]])[] = [
  [CTC_HEAD, []],
  [SEQUENCE_CLASSIFICATION_HEAD, []],
  [PRE_TRAINING_HEAD, ['mix_codes']],
  [FRAME_CLASSIFICATION_HEAD, []],
  [X_VECTOR_HEAD, ['tdnn_counts', SPEAKER_PRODUCTS]],
];

/** Kinds of kernels whose second buffer says how many frames of each item count. */
const COUNTED: readonly string[] = ['attention', 'attention_weights', 'frame_mean', 'frame_statistics'];

/** One case for each different call; the first model, head, length and step that needs it gives the name. */
export function benchCases(
  models: readonly CaseModel[],
  seconds: readonly number[],
  dtype: Dtype,
  capabilities: GpuCapabilities,
): readonly BenchCase[] {
  const cases = new Map<string, BenchCase>();
  const names = new Map<string, number>();
  for (const { size, ...encoder } of models) {
    for (const [head, headInputs] of HEADS) {
      const architecture = { ...encoder, head };
      const weights = new Map(modelLayout(architecture).map((weight) => [weight.name, weight]));
      for (const length of seconds) {
        // Attention weights of every layer of a long clip take gigabytes.
        const attentions = length === Math.min(...seconds);
        const plan = planMasked(architecture, length, { headInputs, dtype, attentions }, capabilities);
        for (const step of plan.steps) {
          const { kernel, params, workgroups } = step.call;
          const key = [kernel.source, packParams(params).join(), workgroups.join()].join('\n');
          if (cases.has(key)) continue;
          const name = `${size} ${length} s: ${step.name.replace(/^layer \d+ /, 'layer ')}`;
          const count = (names.get(name) ?? 0) + 1;
          names.set(name, count);
          cases.set(key, {
            // Tiles in time of one step differ in their last one, statistics have two kernels.
            name: count === 1 ? name : `${name} (${count})`,
            chosen: step.call,
            variants: variantsOf(step.call, capabilities),
            bindings: bindingsOf(step, plan, weights, dtype),
            dtype,
          });
        }
      }
    }
  }
  return [...cases.values()];
}

interface MaskedOptions {
  readonly headInputs: readonly string[];
  readonly dtype: Dtype;
  readonly attentions: boolean;
}

/** A plan with masked frames, and attention weights where asked for, so that no kernel is left out. */
function planMasked(
  architecture: Architecture,
  seconds: number,
  { headInputs, dtype, attentions }: MaskedOptions,
  capabilities: GpuCapabilities,
): Plan {
  const options = {
    masksFrames: true,
    hiddenStates: false,
    attentions,
    hiddenStatesConvention: 'current',
  } as const;
  const graph = buildModelGraph(architecture, options, headInputs);
  const { config } = architecture;
  const samples = seconds * 16_000;
  const shape = { items: 1, samples, frames: config.frameCount(samples) };
  return planGraph(graph, shape, capabilities, {
    hiddenActivation: activationOf(config.hidden_act),
    weightFormat: WEIGHT_FORMAT[dtype],
  });
}

function variantsOf(call: PlannedCall, capabilities: GpuCapabilities): readonly PlannedCall[] {
  if (!('spec' in call)) return [call];
  const all = twinsOf(call, capabilities);
  const { maxComputeWorkgroupsPerDimension } = capabilities.limits;
  const others = all.filter(
    ({ kernel, workgroups }) =>
      kernel.source !== call.kernel.source && Math.max(...workgroups) <= maxComputeWorkgroupsPerDimension,
  );
  return [call, ...others];
}

function twinsOf(
  call: GemmCall | GemmNormCall | AttentionCall,
  capabilities: GpuCapabilities,
): readonly PlannedCall[] {
  if (isGemm(call))
    return gemmVariants(capabilities).map((variant) => planGemm(call.spec, capabilities, variant));
  if (isGemmNorm(call)) return rowVariants(capabilities).map((variant) => planGemmNorm(call.spec, variant));
  return attentionVariants(call.spec, capabilities).map((variant) =>
    planAttention(call.spec, capabilities, variant),
  );
}

function bindingsOf(
  { call, buffers }: PlanStep,
  plan: Plan,
  weights: ReadonlyMap<string, WeightBuffer>,
  dtype: Dtype,
): readonly BindingContent[] {
  return buffers.map((buffer, index): BindingContent => {
    const byteLength = byteLengthOf(buffer, plan, weights, dtype);
    const { kind } = call.recipe;
    const { frame_count: frames } = call.params;
    if (index === 1 && COUNTED.includes(kind) && typeof frames === 'number')
      return { kind: 'integers', byteLength, value: frames };
    if (index === 1 && kind === 'mask_frames') return { kind: 'integers', byteLength, value: 1 };
    const weight = typeof buffer === 'string' ? weights.get(buffer) : undefined;
    return weight?.rowLength === undefined
      ? { kind: 'numbers', byteLength }
      : { kind: 'weights', byteLength, weight };
  });
}

function byteLengthOf(
  buffer: StepBuffer,
  plan: Plan,
  weights: ReadonlyMap<string, WeightBuffer>,
  dtype: Dtype,
): number {
  if (buffer === undefined) return 16;
  if (typeof buffer === 'number') return plan.tensors[buffer]?.byteLength ?? 16;
  const weight = weights.get(buffer);
  if (weight === undefined) throw new Error(`the layout has no weight ${buffer}`);
  const { elementCount, rowLength } = weight;
  if (rowLength === undefined) return Math.max(16, 4 * elementCount);
  return matrixLayout(WEIGHT_FORMAT[dtype], { rows: elementCount / rowLength, rowLength }).byteLength;
}
