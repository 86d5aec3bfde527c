/** The pairs of GEMM variant and weight format that the kernel tests run. */
import type { GemmVariant } from '../../kernels/gemm-variants.ts';
import { WEIGHT_FORMATS, type WeightFormat } from '../../kernels/weight-format.ts';
import { isSecondAdapter } from './test-depth.ts';

/**
 * Every variant in every format. On a second adapter, where compiling takes most of the time, every variant in float32 and the
 * first variant of each family in the other formats: a family reads all its weights through the same three functions.
 */
export function variantsByFormat(
  variants: readonly GemmVariant[],
  nameOf: (variant: GemmVariant, weights: WeightFormat) => string,
): readonly { name: string; variant: GemmVariant; weights: WeightFormat }[] {
  const isFirstOfFamily = (variant: GemmVariant): boolean =>
    variants.find(({ family }) => family === variant.family) === variant;
  return WEIGHT_FORMATS.flatMap((weights) =>
    variants
      .filter((variant) => !isSecondAdapter || weights === 'f32' || isFirstOfFamily(variant))
      .map((variant) => ({ name: nameOf(variant, weights), variant, weights })),
  );
}
