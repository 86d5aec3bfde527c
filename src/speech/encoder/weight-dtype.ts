/** The `dtype` option: the precision of matrix weights on the GPU. Vectors always stay float32. */
import type { WeightFormat } from '../../../kernels/weight-format.ts';

/** transformers.js's names. */
export const DTYPES = ['fp32', 'fp16', 'q8', 'q4'] as const;
export type Dtype = (typeof DTYPES)[number];

/** The dtypes that `unispeech quantize` writes. */
export const QUANTIZED_DTYPES = ['fp16', 'q8', 'q4'] as const satisfies readonly Dtype[];
export type QuantizedDtype = (typeof QUANTIZED_DTYPES)[number];

/** `quantization_config` of a model that `unispeech quantize` wrote. */
export const QUANTIZATION = { method: 'unispeech-webgpu', version: 1 } as const;

export const isQuantizedDtype = (value: unknown): value is QuantizedDtype =>
  (QUANTIZED_DTYPES as readonly unknown[]).includes(value);

export const isDtype = (value: unknown): value is Dtype => (DTYPES as readonly unknown[]).includes(value);

export const WEIGHT_FORMAT: Readonly<Record<Dtype, WeightFormat>> = {
  fp32: 'f32',
  fp16: 'f16',
  q8: 'q8',
  q4: 'q4',
};
