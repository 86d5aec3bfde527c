/** Makes a small test of a planned kernel of any model (others: `rare-answers.ts`): another call of the same source, seeded data with ragged tails, and the right answer. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4 } from '../src/gpu/kernel.ts';
import type { AttentionSpec } from './attention.ts';
import { CHUNK_ROWS, conv0ChunkCount, type Conv0Spec } from './conv0.ts';
import type { ChooseCodesSpec } from './choose-codes.ts';
import type { ElementwiseSpec, PosConvPackSpec } from './elementwise.ts';
import type { GemmSpec } from './gemm.ts';
import { type GemmNormSpec, productOf } from './gemm-norm.ts';
import type { LayerNormSpec } from './layer-norm.ts';
import type { CommonRecipe } from './recipes.ts';
import {
  attentionCase,
  type AttentionData,
  attentionData,
  attentionWeightsCase,
} from './reference/attention.ts';
import { chooseCodesCase, tiedLogits } from './reference/choose-codes.ts';
import {
  conv0Data,
  conv0GroupNormCase,
  conv0LayerNormCase,
  conv0MergeCase,
  conv0StatisticsCase,
} from './reference/conv0.ts';
import { elementwiseCase, maskFramesCase, posConvPackCase } from './reference/elementwise.ts';
import { gemmCase, gemmData, type GemmData } from './reference/gemm.ts';
import { gemmNormCase, gemmNormData } from './reference/gemm-norm.ts';
import { SEED, type KernelCase } from './reference/kernel-case.ts';
import { layerNormCase, layerNormData } from './reference/layer-norm.ts';
import { SeededRandom } from '../src/base/seeded-random.ts';

/** What changes the data of few models: recipes with weights in float32 and without a position bias need none of it. */
interface RareData {
  /** That of `reference/encoded-weights.ts`. */
  readonly inFormat: <D extends Pick<GemmData, 'w'>>(
    spec: GemmSpec,
    data: D,
  ) => D & Pick<GemmData, 'encoded'>;
  /** That of `reference/position-bias.ts`. */
  readonly withBias: (spec: AttentionSpec, data: AttentionData, random: SeededRandom) => AttentionData;
}
const AS_IT_IS: RareData = { inFormat: (_, data) => data, withBias: (_, data) => data };

/**
 * Two items of three groups: one row and one column more than a tile of 64, padding after the last group, and sums that end
 * within a second block of weights.
 */
const GEMM: Omit<GemmSpec, 'activation' | 'weights'> = {
  rows: 65,
  columns: 65,
  inner: 52,
  aRowStride: 8,
  items: 2,
  groups: 3,
  aBatchStride: 572,
  outRowStride: 196,
  outItemStride: 65 * 196,
  outGroupStride: 65,
  outOffset: 4,
  lastGroupColumns: 66,
  hasBias: true,
  hasActivation: true,
  hasResidual: true,
};
/** Two clips whose rows are more than one tile wide and high, normalised twice. */
const GEMM_NORM: Omit<GemmNormSpec, 'activation' | 'weights'> = {
  rows: 33,
  columns: 260,
  inner: 52,
  aRowStride: 8,
  items: 2,
  aBatchStride: 308,
  outRowStride: 260,
  outItemStride: 33 * 260,
  outOffset: 4,
  hasBias: true,
  channels: 258,
  epsilon: 1e-5,
  secondEpsilon: 1e-3,
};
const LAYER_NORM: Omit<LayerNormSpec, 'activation'> = {
  rows: 3,
  channels: 67,
  epsilon: 1e-5,
  hasResidual: true,
  hasAffine: true,
  hasActivation: true,
  outOffset: 4,
};
const ATTENTION: Omit<AttentionSpec, 'headSize'> = { items: 3, frames: 35, heads: 2 };
const ELEMENTWISE: Omit<ElementwiseSpec, 'activation'> = {
  rows: 19,
  channels: 15,
  hasActivation: true,
  factor: { index: 3, isByChannel: true },
  addend: 'rows',
};
const MASK_FRAMES = { frames: 23, channels: 13, replacesByFrame: true };
/** More codes and rows than threads. */
const CHOICE: ChooseCodesSpec = { rows: 67, groups: 3, codes: 65, hasNoise: true };
const POS_CONV_PACK: PosConvPackSpec = { items: 2, frames: 7, channels: 18, groups: 2, padding: 2 };

/** The same convolution on two short clips, without their first rows; a few samples at the end are left over. */
function conv0Spec(spec: Conv0Spec, rowCount: number): Conv0Spec {
  const firstRow = 3;
  const sampleCount = (rowCount - 1) * spec.stride + spec.kernel + Math.min(2, spec.stride - 1);
  return { ...spec, items: 2, sampleCount, firstRow, rows: rowCount - firstRow };
}
/** More rows than one thread computes at once. */
const FEW_ROWS = 22;
/** Two chunks of the statistics. */
const MANY_ROWS = CHUNK_ROWS + FEW_ROWS;

/** Equal recipes give equal cases. */
export function commonAnswer(
  recipe: CommonRecipe,
  capabilities: GpuCapabilities,
  { inFormat, withBias }: RareData = AS_IT_IS,
): KernelCase {
  const random = new SeededRandom(SEED);
  switch (recipe.kind) {
    case 'gemm': {
      const spec = { ...GEMM, activation: recipe.activation, weights: recipe.weights };
      return gemmCase(spec, inFormat(spec, gemmData(spec, random)), capabilities, recipe.variant);
    }
    case 'gemm_norm': {
      const spec = { ...GEMM_NORM, activation: recipe.activation, weights: recipe.weights };
      return gemmNormCase(spec, inFormat(productOf(spec), gemmNormData(spec, random)), recipe.variant);
    }
    case 'layer_norm': {
      const spec = { ...LAYER_NORM, activation: recipe.activation };
      // A range where activations are curved.
      const data = { ...layerNormData(spec, random), gamma: random.normals(spec.channels, 3) };
      return layerNormCase(spec, data, capabilities);
    }
    case 'attention':
    case 'attention_weights': {
      const spec = { ...ATTENTION, headSize: recipe.headSize, bias: recipe.bias };
      const data = withBias(spec, attentionData(spec, [35, 18, 0], random), random);
      return recipe.kind === 'attention'
        ? attentionCase(spec, data, capabilities, recipe.variant)
        : attentionWeightsCase(spec, data);
    }
    case 'conv0_layer_norm':
    case 'conv0_group_norm': {
      const spec = conv0Spec(recipe.spec, FEW_ROWS);
      const data = conv0Data(spec, random);
      return recipe.kind === 'conv0_layer_norm'
        ? conv0LayerNormCase(spec, data)
        : conv0GroupNormCase(spec, data);
    }
    case 'conv0_statistics': {
      const spec = conv0Spec(recipe.spec, MANY_ROWS);
      return conv0StatisticsCase(spec, conv0Data(spec, random));
    }
    case 'conv0_merge': {
      const spec = conv0Spec(recipe.spec, MANY_ROWS);
      const chunks = random.normals(2 * spec.items * conv0ChunkCount(spec) * spec.channels);
      return conv0MergeCase(spec, chunks.map(Math.abs));
    }
    case 'elementwise': {
      const spec = { ...ELEMENTWISE, activation: recipe.activation };
      const length = spec.rows * ceil4(spec.channels);
      // A range where activations are curved.
      const data = {
        x: random.normals(length, 0, 3),
        factors: random.normals(20),
        y: random.normals(length),
      };
      return elementwiseCase(spec, data, capabilities);
    }
    case 'mask_frames': {
      const { frames, channels } = MASK_FRAMES;
      return maskFramesCase(
        MASK_FRAMES,
        {
          x: random.normals(frames * ceil4(channels)),
          codes: Uint32Array.from({ length: frames }, (_, frame) => frame % 3),
          replacement: random.normals(frames * ceil4(channels)),
        },
        capabilities,
      );
    }
    case 'pos_conv_pack': {
      const { items, frames, channels } = POS_CONV_PACK;
      return posConvPackCase(POS_CONV_PACK, random.normals(items * frames * ceil4(channels)), capabilities);
    }
    case 'choose_codes': {
      const data = { logits: tiedLogits(CHOICE, random), noise: tiedLogits(CHOICE, random) };
      return chooseCodesCase(CHOICE, data, capabilities);
    }
  }
}
