/** Known-answer tests of every kernel in every variant that an adapter can run: small, seeded, with ragged tails. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import type { GpuContext } from '../src/gpu/context.ts';
import { ceil4 } from '../src/gpu/kernel.ts';
import { runCall } from '../src/gpu/run-call.ts';
import { ACTIVATIONS } from './activation.ts';
import { attentionVariants, type AttentionSpec } from './attention.ts';
import { CHUNK_ROWS, conv0RowCount, type Conv0Spec } from './conv0.ts';
import type { PosConvPackSpec } from './elementwise.ts';
import { gemmVariants, type GemmSpec } from './gemm.ts';
import type { LayerNormSpec } from './layer-norm.ts';
import { attentionCase, attentionData, attentionWeightsCase } from './reference/attention.ts';
import {
  conv0Data,
  conv0GroupNormCase,
  conv0LayerNormCase,
  conv0MergeCase,
  conv0StatisticsCase,
  conv0StatisticsReference,
} from './reference/conv0.ts';
import { maskFramesCase, posConvPackCase } from './reference/elementwise.ts';
import { gemmCase, gemmData } from './reference/gemm.ts';
import { compare, isRight, type KernelCase } from './reference/kernel-case.ts';
import { layerNormCase, layerNormData } from './reference/layer-norm.ts';
import { SeededRandom } from './reference/random.ts';

export interface SelfTestResult {
  /** The kernel's variant name. */
  readonly name: string;
  readonly nmse: number;
  readonly passed: boolean;
  /** With compilation. */
  readonly milliseconds: number;
  /** Why there is no answer, where the kernel did not run at all; `nmse` is then NaN. */
  readonly error?: string;
}

const SEED = 20;

/** Two items of three groups: one row and one column more than a tile of 64, and padding after the last group. */
const GEMM: GemmSpec = {
  rows: 65,
  columns: 65,
  inner: 20,
  aRowStride: 8,
  items: 2,
  groups: 3,
  aBatchStride: 540,
  outRowStride: 196,
  outItemStride: 65 * 196,
  outGroupStride: 65,
  outOffset: 4,
  lastGroupColumns: 66,
  hasBias: true,
  activation: 'gelu',
  hasActivation: true,
  hasResidual: true,
};

function gemmCases(capabilities: GpuCapabilities, random: SeededRandom): readonly KernelCase[] {
  const data = gemmData(GEMM, random);
  return gemmVariants(capabilities).map((variant) => gemmCase(GEMM, data, capabilities, variant));
}

/** One for each activation, over a range where they all bend. */
function layerNormCases(capabilities: GpuCapabilities, random: SeededRandom): readonly KernelCase[] {
  return ACTIVATIONS.map((activation) => {
    const spec: LayerNormSpec = {
      rows: 3,
      channels: 67,
      epsilon: 1e-5,
      hasResidual: true,
      activation,
      hasActivation: true,
      outOffset: 4,
    };
    return layerNormCase(
      spec,
      { ...layerNormData(spec, random), gamma: random.normals(67, 3) },
      capabilities,
    );
  });
}

function conv0Cases(random: SeededRandom): readonly KernelCase[] {
  const whole: Conv0Spec = {
    items: 2,
    sampleCount: 5 * CHUNK_ROWS + 107,
    channels: 67,
    kernel: 10,
    stride: 5,
    hasBias: true,
    activation: 'gelu',
    epsilon: 1e-5,
    firstRow: 0,
    rows: 0,
  };
  const spec = { ...whole, firstRow: 3, rows: conv0RowCount(whole) - 3 };
  const data = conv0Data(spec, random);
  return [
    conv0LayerNormCase(spec, data),
    conv0StatisticsCase(spec, data),
    conv0MergeCase(spec, Float32Array.from(conv0StatisticsReference(spec, data))),
    conv0GroupNormCase(spec, data),
  ];
}

function elementwiseCases(capabilities: GpuCapabilities, random: SeededRandom): readonly KernelCase[] {
  const mask = { frames: 23, channels: 13 };
  const pack: PosConvPackSpec = { items: 2, frames: 7, channels: 18, groups: 2, kernel: 5 };
  return [
    maskFramesCase(
      mask,
      {
        x: random.normals(mask.frames * ceil4(mask.channels)),
        codes: Uint32Array.from({ length: mask.frames }, (_, frame) => frame % 3),
        embedding: random.normals(ceil4(mask.channels)),
      },
      capabilities,
    ),
    posConvPackCase(pack, random.normals(pack.items * pack.frames * ceil4(pack.channels)), capabilities),
  ];
}

function attentionCases(capabilities: GpuCapabilities, random: SeededRandom): readonly KernelCase[] {
  const spec: AttentionSpec = { items: 3, frames: 35, heads: 2, headSize: 30 };
  const data = attentionData(spec, [35, 18, 0], random);
  return [
    ...attentionVariants(spec, capabilities).map((variant) =>
      attentionCase(spec, data, capabilities, variant),
    ),
    attentionWeightsCase(spec, data),
  ];
}

/** One case for each kernel and each variant that this adapter can run; pure data. */
export function selfTestCases(capabilities: GpuCapabilities): readonly KernelCase[] {
  const random = new SeededRandom(SEED);
  return [
    ...gemmCases(capabilities, random),
    ...layerNormCases(capabilities, random),
    ...conv0Cases(random),
    ...elementwiseCases(capabilities, random),
    ...attentionCases(capabilities, random),
  ];
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

/** Runs every case. The signal ends it between two cases. */
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
