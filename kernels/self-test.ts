/** Known-answer tests of every kernel in every variant that an adapter can run: small, seeded, with ragged tails. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import type { GpuContext } from '../src/gpu/context.ts';
import { runCall } from '../src/gpu/run-call.ts';
import { ACTIVATIONS } from './activation.ts';
import { attentionVariants } from './attention.ts';
import type { Conv0Spec } from './conv0.ts';
import { gemmVariants, rowVariants } from './gemm-variants.ts';
import { knownAnswer } from './answers.ts';
import { positionBias } from './position-bias.ts';
import type { Recipe } from './recipes.ts';
import { compare, isRight, type KernelCase } from './reference/kernel-case.ts';
import { WEIGHT_FORMATS } from './weight-format.ts';

export interface SelfTestResult {
  /** `Kernel.name`. */
  readonly name: string;
  readonly nmse: number;
  readonly passed: boolean;
  /** Duration including compilation. */
  readonly milliseconds: number;
  /** Why the kernel did not run, if it failed to; `nmse` is then NaN. */
  readonly error?: string;
}

/** Compiled-in sizes, chosen to be ragged. */
const HEAD_SIZE = 30;
/** Without a bias, and with one that ends within a block of queries and keys. */
const BIASES = [undefined, positionBias(13)];
const CONV0: Conv0Spec = {
  items: 1,
  sampleCount: 400,
  channels: 67,
  kernel: 10,
  stride: 5,
  hasBias: true,
  activation: 'gelu',
  epsilon: 1e-5,
  firstRow: 0,
  rows: 1,
};
const FRAME_WINDOW_KINDS = ['unfold_frames', 'pool_frames', 'unpool_frames'] as const;
const CODEBOOK_KINDS = ['choose_codes', 'gather_codes', 'count_codes'] as const;
const CONV0_KINDS = ['conv0_layer_norm', 'conv0_statistics', 'conv0_merge', 'conv0_group_norm'] as const;

/** Each kernel, in each variant that this adapter can run, and each activation. */
function selfTestRecipes(capabilities: GpuCapabilities): readonly Recipe[] {
  const attention = { items: 1, frames: 1, heads: 1, headSize: HEAD_SIZE };
  return [
    ...WEIGHT_FORMATS.flatMap((weights) =>
      gemmVariants(capabilities).map(
        (variant) => ({ kind: 'gemm', activation: CONV0.activation, weights, variant }) as const,
      ),
    ),
    ...WEIGHT_FORMATS.flatMap((weights) =>
      rowVariants(capabilities).map(
        (variant) => ({ kind: 'gemm_norm', activation: CONV0.activation, weights, variant }) as const,
      ),
    ),
    ...ACTIVATIONS.map((activation) => ({ kind: 'layer_norm', activation }) as const),
    ...CONV0_KINDS.map((kind) => ({ kind, spec: CONV0 })),
    { kind: 'elementwise', activation: CONV0.activation },
    { kind: 'mask_frames' },
    { kind: 'pos_conv_pack' },
    { kind: 'frame_mean' },
    { kind: 'frame_statistics' },
    { kind: 'glu' },
    ...FRAME_WINDOW_KINDS.map((kind) => ({ kind })),
    ...CODEBOOK_KINDS.map((kind) => ({ kind })),
    ...BIASES.flatMap((bias) => [
      ...attentionVariants(attention, capabilities).map(
        (variant) => ({ kind: 'attention', headSize: HEAD_SIZE, bias, variant }) as const,
      ),
      { kind: 'attention_weights', headSize: HEAD_SIZE, bias } as const,
    ]),
    { kind: 'attention_gates' },
  ];
}

/** One case for each kernel and each variant that this adapter can run; pure data. */
export function selfTestCases(capabilities: GpuCapabilities): readonly KernelCase[] {
  return selfTestRecipes(capabilities).map((recipe) => knownAnswer(recipe, capabilities));
}

/** Runs one case: compiles its kernel, compares the answer with the float64 reference. Never throws. */
export async function runSelfTestCase(
  context: GpuContext,
  { name, call, buffers, expected }: KernelCase,
): Promise<SelfTestResult> {
  const start = performance.now();
  try {
    const comparison = compare(await runCall(context, call, buffers), expected);
    const milliseconds = performance.now() - start;
    return { name, nmse: comparison.nmse, passed: isRight(comparison), milliseconds };
  } catch (error) {
    const milliseconds = performance.now() - start;
    const reason = await context.explain(error);
    const message = reason instanceof Error ? reason.message : String(reason);
    return { name, nmse: NaN, passed: false, milliseconds, error: message };
  }
}

/** Runs every case. The signal stops it between two cases. */
export async function runSelfTest(
  context: GpuContext,
  signal?: AbortSignal,
): Promise<readonly SelfTestResult[]> {
  const results: SelfTestResult[] = [];
  for (const kernelCase of selfTestCases(context.capabilities)) {
    signal?.throwIfAborted();
    results.push(await runSelfTestCase(context, kernelCase));
  }
  return results;
}
