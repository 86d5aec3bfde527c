/** Which code each frame gets from each group of a codebook, and which token is the likeliest. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { ceil4, prelude, type RecipeCall } from '../src/gpu/kernel.ts';
import chooseCodesSource from '../shaders/choose_codes.wgsl';
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

export interface ChooseCodesRecipe {
  readonly kind: 'choose_codes';
}

/** Buffers in binding order: logits, noise, out. */
export function planChooseCodes(
  { rows, groups, codes, hasNoise, marksNaN = false, outStride = ceil4(groups) }: ChooseCodesSpec,
  { limits }: GpuCapabilities,
): RecipeCall<ChooseCodesRecipe> {
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
