/** The `dtype` option: how many bits the weights of matrix products have on the GPU. Vectors always stay float32. */
import type { WeightFormat } from '../../kernels/weight-format.ts';

/** transformers.js's names. */
export const DTYPES = ['fp32', 'fp16', 'q8', 'q4'] as const;
export type Dtype = (typeof DTYPES)[number];

export const isDtype = (value: unknown): value is Dtype => (DTYPES as readonly unknown[]).includes(value);

export const WEIGHT_FORMAT: Readonly<Record<Dtype, WeightFormat>> = {
  fp32: 'f32',
  fp16: 'f16',
  q8: 'q8',
  q4: 'q4',
};
