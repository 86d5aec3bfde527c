/** The test of a kernel must run the very shader that a model uses, and planners must avoid what failed it. */
import { describe, expect, test } from 'vitest';
import { attentionVariants } from '../../kernels/attention.ts';
import { chooseGemm, linearSpec } from '../../kernels/gemm.ts';
import { knownAnswer } from '../../kernels/answers.ts';
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { planGraph } from '../../src/graph/plan.ts';
import { JsonFile } from '../../src/base/json-file.ts';
import { chooseByModelType } from '../../src/speech/encoder/family.ts';
import { CONFIG_CLASSES } from '../../src/speech/families/family-list.ts';
import { activationOf } from '../../src/speech/encoder/encoder-builder.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { buildModelGraph, loadArchitecture } from '../../src/speech/heads/architecture.ts';
import type { Head } from '../../src/speech/heads/head.ts';
import { PRE_TRAINING_HEAD } from '../../src/speech/heads/pre-training.ts';
import { SEQUENCE_CLASSIFICATION_HEAD } from '../../src/speech/heads/sequence-classification.ts';
import { X_VECTOR_HEAD } from '../../src/speech/heads/x-vector.ts';
import { adapter as plannedAdapter } from '../helpers/planned.ts';

const adapter = (subgroupSize: number | undefined, distrusted?: readonly string[]): GpuCapabilities => ({
  ...plannedAdapter(subgroupSize),
  ...(distrusted && { distrusted }),
});

/** Every kernel of a model with all outputs and a mask. */
async function kernelsOf(json: object, capabilities: GpuCapabilities, head: Head<unknown> = CTC_HEAD) {
  const config = new (chooseByModelType(new JsonFile('model', json), CONFIG_CLASSES))(json);
  const graph = buildModelGraph(await loadArchitecture(config, head), {
    masksFrames: true,
    hiddenStates: true,
    attentions: true,
    hiddenStatesConvention: 'current',
  });
  const shape = { items: 1, samples: 80_000, frames: config.frameCount(80_000) };
  const { steps } = planGraph(graph, shape, capabilities, {
    hiddenActivation: activationOf(config.hidden_act),
    weightFormat: 'f32',
  });
  return [...new Map(steps.map(({ call }) => [call.kernel.source, call])).values()];
}

const MODELS = [
  {},
  {
    feat_extract_norm: 'layer',
    conv_bias: true,
    hidden_act: 'relu',
    hidden_size: 66,
    num_attention_heads: 3,
    num_conv_pos_embedding_groups: 3,
    conv_dim: [30, 30, 30, 30, 30, 30, 30],
    conv_kernel: [7, 3, 3, 3, 3, 2, 2],
    conv_stride: [1, 2, 2, 2, 2, 2, 2],
  },
  { model_type: 'wavlm', num_hidden_layers: 1, max_bucket_distance: 100 },
];

describe.each([undefined, 4, 8, 32])('subgroups of %s', (subgroupSize) => {
  test.each(MODELS)('the known answer of each kernel of model %# is for its very source', async (json) => {
    const capabilities = adapter(subgroupSize);
    const heads = [CTC_HEAD, SEQUENCE_CLASSIFICATION_HEAD, X_VECTOR_HEAD, PRE_TRAINING_HEAD];
    const calls = (await Promise.all(heads.map((head) => kernelsOf(json, capabilities, head)))).flat();
    expect(calls.length).toBeGreaterThan(7);
    for (const { kernel, recipe } of calls) {
      const { call, expected } = knownAnswer(recipe, capabilities);
      expect(call.kernel, kernel.name).toEqual(kernel);
      const answer = expected.filter((value) => !Number.isNaN(value));
      // A test that all zeros or an untouched buffer would pass tests nothing.
      expect(answer.some((value) => Math.abs(value) > 0.1)).toBe(true);
      expect(answer.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('distrusted variants', () => {
  const spec = linearSpec({
    rows: 512,
    columns: 768,
    inner: 768,
    weights: 'f32',
    hasBias: true,
    activation: 'gelu',
    hasActivation: false,
    hasResidual: false,
  });
  test.each([
    [4, ['gemm_16x32_register', 'gemm_64x64x16_shared', 'gemm_32x32x16_shared', 'gemm_64x64_register']],
    [32, ['gemm_64x64x16_shared', 'gemm_32x32x16_shared', 'gemm_64x64_register']],
    [undefined, ['gemm_64x64x16_shared', 'gemm_32x32x16_shared', 'gemm_64x64_register']],
  ])('GEMM falls back step by step and ends at its last resort (subgroups of %s)', (size, expected) => {
    const chosen: string[] = [];
    while (chosen.length < expected.length) chosen.push(chooseGemm(spec, adapter(size, chosen)).name);
    expect(chosen).toEqual(expected);
    expect(chooseGemm(spec, adapter(size, chosen)).name).toBe(expected.at(-1));
  });

  test.each([4, 32, undefined])('attention does, too (subgroups of %s)', async (size) => {
    const attention = { items: 1, frames: 100, heads: 12, headSize: 64 };
    const count = attentionVariants(attention, adapter(size)).length;
    const nameAfter = async (distrusted: readonly string[]) => {
      const calls = await kernelsOf({}, adapter(size, distrusted));
      return calls.find(({ recipe }) => recipe.kind === 'attention')?.kernel.variant;
    };
    const chosen: string[] = [];
    for (let i = 0; i < count; i++) chosen.push((await nameAfter(chosen)) ?? '');
    expect(new Set(chosen).size).toBe(count);
    expect(await nameAfter(chosen)).toMatch(/register/);
  });
});
