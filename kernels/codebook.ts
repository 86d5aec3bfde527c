/** The codebook of a quantizer: which code each frame gets from each group, the vectors of these codes, and how often each one is chosen. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, prelude, type RecipeCall } from '../src/gpu/kernel.ts';
import chooseCodesSource from '../shaders/choose_codes.wgsl';
import countCodesSource from '../shaders/count_codes.wgsl';
import gatherCodesSource from '../shaders/gather_codes.wgsl';
import workgroupSumSource from '../shaders/workgroup_sum.wgsl';
import { spreadWorkgroups } from './spread.ts';

const THREAD_COUNT = 64;

export interface CodebookSpec {
  /** Frames of all items. */
  readonly rows: number;
  readonly groups: number;
  /** Codes of each group. */
  readonly codes: number;
}

export interface ChooseCodesSpec extends CodebookSpec {
  /** Whether noise is added to the logits before the largest is looked for. */
  readonly hasNoise: boolean;
  /** Whether a row and group with a logit that is NaN gets -1, instead of a code that the other logits choose. Default: false. */
  readonly marksNaN?: boolean;
  /** From a row of the result to the next. Default: the groups rounded up to 4. */
  readonly outStride?: number;
}

export interface GatherCodesSpec extends CodebookSpec {
  /** Numbers of the vector of one code. */
  readonly size: number;
}

export interface CountCodesSpec extends CodebookSpec {
  /** Whether only some rows count. */
  readonly hasCounted: boolean;
}

export interface CodebookRecipe {
  readonly kind: 'choose_codes' | 'gather_codes' | 'count_codes';
}

/** Buffers in binding order: logits, noise, out. */
export function planChooseCodes(
  { rows, groups, codes, hasNoise, marksNaN = false, outStride = ceil4(groups) }: ChooseCodesSpec,
  { limits }: GpuCapabilities,
): RecipeCall<CodebookRecipe> {
  return {
    kernel: {
      name: 'choose_codes',
      source: prelude({ THREAD_COUNT }) + chooseCodesSource,
      bindings: ['uniform', 'read', 'read', 'write'],
    },
    recipe: { kind: 'choose_codes' },
    workgroups: spreadWorkgroups(rows * groups, limits.maxComputeWorkgroupsPerDimension),
    params: {
      row_count: rows,
      group_count: groups,
      code_count: codes,
      row_stride: ceil4(groups * codes),
      out_stride: outStride,
      has_noise: Number(hasNoise),
      marks_nan: Number(marksNaN),
    },
    flops: rows * groups * codes * (hasNoise ? 2 : 1),
    byteCount: 4 * rows * groups * (codes * (hasNoise ? 2 : 1) + 1),
  };
}

/** Buffers in binding order: chosen, codevectors, out. */
export function planGatherCodes(
  { rows, groups, codes, size }: GatherCodesSpec,
  { limits }: GpuCapabilities,
): RecipeCall<CodebookRecipe> {
  const outStride = ceil4(groups * size);
  return {
    kernel: {
      name: 'gather_codes',
      source: prelude({ THREAD_COUNT }) + gatherCodesSource,
      bindings: ['uniform', 'read', 'read', 'write'],
    },
    recipe: { kind: 'gather_codes' },
    workgroups: spreadWorkgroups(
      Math.ceil((rows * outStride) / THREAD_COUNT),
      limits.maxComputeWorkgroupsPerDimension,
    ),
    params: {
      number_count: rows * outStride,
      group_count: groups,
      code_count: codes,
      size,
      chosen_stride: ceil4(groups),
      out_stride: outStride,
    },
    flops: 0,
    byteCount: 4 * rows * (groups + groups * size + outStride),
  };
}

/** Buffers in binding order: chosen, counted (one u32 per row), out. */
export function planCountCodes(
  { rows, groups, codes, hasCounted }: CountCodesSpec,
  { limits }: GpuCapabilities,
): RecipeCall<CodebookRecipe> {
  return {
    kernel: {
      name: 'count_codes',
      source: prelude({ THREAD_COUNT, SUM_WIDTH: 1 }) + workgroupSumSource + countCodesSource,
      bindings: ['uniform', 'read', 'read', 'write'],
    },
    recipe: { kind: 'count_codes' },
    workgroups: spreadWorkgroups(groups * codes, limits.maxComputeWorkgroupsPerDimension),
    params: {
      row_count: rows,
      group_count: groups,
      code_count: codes,
      chosen_stride: ceil4(groups),
      has_counted: Number(hasCounted),
    },
    flops: rows * groups * codes,
    byteCount: 4 * (rows * groups + (hasCounted ? rows : 0) + groups * codes),
  };
}
