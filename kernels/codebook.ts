/** The codebook of a quantizer: the vectors of the codes that frames chose, and how often each one was chosen. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, prelude, type RecipeCall } from '../src/gpu/kernel.ts';
import countCodesSource from '../shaders/count_codes.wgsl';
import gatherCodesSource from '../shaders/gather_codes.wgsl';
import workgroupSumSource from '../shaders/workgroup_sum.wgsl';
import type { CodebookSpec } from './choose-codes.ts';
import { spreadWorkgroups } from './spread.ts';

const THREAD_COUNT = 64;

export interface GatherCodesSpec extends CodebookSpec {
  /** Numbers of the vector of one code. */
  readonly size: number;
}

export interface CountCodesSpec extends CodebookSpec {
  /** Whether only some rows count. */
  readonly hasCounted: boolean;
}

export interface ReadCodesRecipe {
  readonly kind: 'gather_codes' | 'count_codes';
}

/** Buffers in binding order: chosen, codevectors, out. */
export function planGatherCodes(
  { rows, groups, codes, size }: GatherCodesSpec,
  { limits }: GpuCapabilities,
): RecipeCall<ReadCodesRecipe> {
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
): RecipeCall<ReadCodesRecipe> {
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
