/** The recipes of all kernels: what a test needs to plan another call of the same source. */
import type { RecipeCall } from '../src/gpu/kernel.ts';
import type { AttentionCall, AttentionRecipe, AttentionWeightsRecipe } from './attention.ts';
import type { AttentionGatesRecipe } from './attention-gates.ts';
import type { ChooseCodesRecipe } from './choose-codes.ts';
import type { ReadCodesRecipe } from './codebook.ts';
import type { Conv0Recipe } from './conv0.ts';
import type { ElementwiseRecipe, MaskFramesRecipe, PosConvPackRecipe } from './elementwise.ts';
import type { FrameMeanRecipe } from './frame-mean.ts';
import type { FrameStatisticsRecipe } from './frame-statistics.ts';
import type { FrameWindowsRecipe } from './frame-windows.ts';
import type { GemmCall, GemmRecipe } from './gemm.ts';
import type { GemmNormCall, GemmNormRecipe } from './gemm-norm.ts';
import type { GluRecipe } from './glu.ts';
import type { LayerNormRecipe } from './layer-norm.ts';

export type CommonRecipe =
  | GemmRecipe
  | GemmNormRecipe
  | AttentionRecipe
  | AttentionWeightsRecipe
  | LayerNormRecipe
  | Conv0Recipe
  | ElementwiseRecipe
  | MaskFramesRecipe
  | PosConvPackRecipe
  | ChooseCodesRecipe;

/** Of kernels that few models use. */
export type RareRecipe =
  | AttentionGatesRecipe
  | FrameMeanRecipe
  | FrameWindowsRecipe
  | FrameStatisticsRecipe
  | GluRecipe
  | ReadCodesRecipe;

export type Recipe = CommonRecipe | RareRecipe;

export type PlannedCall =
  | GemmCall
  | GemmNormCall
  | AttentionCall
  | RecipeCall<Exclude<Recipe, GemmRecipe | GemmNormRecipe | AttentionRecipe>>;

const RARE: Readonly<Record<RareRecipe['kind'], true>> = {
  attention_gates: true,
  frame_mean: true,
  frame_statistics: true,
  unfold_frames: true,
  pool_frames: true,
  unpool_frames: true,
  glu: true,
  gather_codes: true,
  count_codes: true,
};
export const isCommon = (recipe: Recipe): recipe is CommonRecipe => !Object.hasOwn(RARE, recipe.kind);
export const isGemm = (call: PlannedCall): call is GemmCall => call.recipe.kind === 'gemm';
export const isGemmNorm = (call: PlannedCall): call is GemmNormCall => call.recipe.kind === 'gemm_norm';
