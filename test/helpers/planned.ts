/** Adapters and specs for tests that plan kernels without a GPU. */
import type { ACTIVATIONS } from '../../kernels/activation.ts';
import { conv0RowCount, type Conv0Spec } from '../../kernels/conv0.ts';
import { linearSpec, type GemmSpec } from '../../kernels/gemm.ts';
import type { LayerNormSpec } from '../../kernels/layer-norm.ts';
import type { WeightFormat } from '../../kernels/weight-format.ts';
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';

/** The least that WebGPU promises, with subgroups of some width or without. */
export const adapter = (subgroupSize: number | undefined): GpuCapabilities => ({
  adapter: 'planned',
  subgroupSize,
  shaderF16: false,
  timestamps: false,
  limits: {
    maxBufferSize: 2 ** 28,
    maxStorageBufferBindingSize: 2 ** 27,
    maxComputeWorkgroupStorageSize: 16_384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65_535,
  },
});

export const linear = (
  rows: number,
  columns: number,
  activation: (typeof ACTIVATIONS)[number] = 'gelu',
  weights: WeightFormat = 'f32',
): GemmSpec =>
  linearSpec({
    rows,
    columns,
    inner: 768,
    weights,
    hasBias: true,
    activation,
    hasActivation: true,
    hasResidual: false,
  });

export const conv0 = (options: Partial<Conv0Spec>): Conv0Spec => {
  const spec: Conv0Spec = {
    items: 1,
    sampleCount: 16_000,
    channels: 512,
    kernel: 10,
    stride: 5,
    hasBias: false,
    activation: 'gelu',
    epsilon: 1e-5,
    firstRow: 0,
    rows: 0,
    ...options,
  };
  return { ...spec, rows: conv0RowCount(spec) };
};

export const layerNorm = (
  rows: number,
  channels: number,
  activation: (typeof ACTIVATIONS)[number] = 'gelu',
): LayerNormSpec => ({
  rows,
  channels,
  epsilon: 1e-5,
  hasResidual: false,
  activation,
  hasActivation: false,
  outOffset: 0,
});
