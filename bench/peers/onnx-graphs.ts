/** Workloads of one operation as ONNX graphs, in the layouts that ONNX's operators take, so that nothing but the work is timed. */
import type { HostTensor, SingleOp, WorkloadData, WorkloadOf } from './engine.ts';
import { matrix, permute, reshape } from './host-layout.ts';
import { named } from './named.ts';
import { MICROSOFT_DOMAIN, type OnnxGraph } from './onnx-model.ts';
import { firstConvFrames } from './workloads.ts';

/** One way to do the work in ONNX. */
export interface OnnxWork {
  /** For people. */
  readonly name: string;
  readonly graph: OnnxGraph;
  readonly inputs: Readonly<Record<string, HostTensor>>;
  readonly toCanonical: (output: Float32Array) => Float32Array;
}

/** What every graph here calls its output. */
export const OUTPUT = 'out';
const EPSILON = 1e-5;

/** The ways to do the work, of which the fastest is taken. */
export function onnxWorks(workload: SingleOp, data: WorkloadData): readonly OnnxWork[] {
  switch (workload.kind) {
    case 'gemm':
      return [gemm(workload, data)];
    case 'grouped_conv':
      return [groupedConv(workload, data)];
    case 'first_conv':
      return [firstConv(workload, data)];
    case 'attention':
      return [plainAttention(workload, data), fusedAttention(workload, data)];
  }
}

const sameLayout = (output: Float32Array): Float32Array => output;

/** [channels, frames] → [frames, channels]. */
const channelsLast = (output: Float32Array, channels: number): Float32Array =>
  matrix({ dims: [channels, output.length / channels], data: Float32Array.from(output) }).data;

/** A product with constant right side [inner, columns], as exporters write linear layers. */
function gemm({ rows, columns, inner }: WorkloadOf<'gemm'>, { inputs, weights }: WorkloadData): OnnxWork {
  return {
    name: 'MatMul',
    graph: {
      nodes: [{ operator: 'MatMul', inputs: ['a', 'w'], outputs: [OUTPUT] }],
      inputs: { a: [rows, inner] },
      outputs: { [OUTPUT]: [rows, columns] },
      initializers: { w: matrix(named(weights, 'w')) },
    },
    inputs: { a: named(inputs, 'a') },
    toCanonical: sameLayout,
  };
}

/** [1, channels, frames] in and out; padded so that an even kernel gives as many frames as there were. */
function groupedConv(
  { frames, channels, groups, kernel }: WorkloadOf<'grouped_conv'>,
  { inputs, weights }: WorkloadData,
): OnnxWork {
  const padding = Math.floor(kernel / 2);
  const dims = [1, channels, frames];
  return {
    name: 'Conv',
    graph: {
      nodes: [
        {
          operator: 'Conv',
          inputs: ['x', 'w'],
          outputs: [OUTPUT],
          attributes: { group: groups, kernel_shape: [kernel], pads: [padding, kernel - 1 - padding] },
        },
      ],
      inputs: { x: dims },
      outputs: { [OUTPUT]: dims },
      initializers: { w: named(weights, 'w') },
    },
    inputs: { x: reshape(matrix(named(inputs, 'x')), dims) },
    toCanonical: (output) => channelsLast(output, channels),
  };
}

/** [1, 1, samples] in, [1, channels, frames] out. Group norm with one group a channel is instance norm. */
function firstConv(workload: WorkloadOf<'first_conv'>, { inputs, weights }: WorkloadData): OnnxWork {
  const { sampleCount, channels, kernel, stride } = workload;
  const { data } = named(inputs, 'x');
  const dims = [1, 1, sampleCount];
  return {
    name: 'Conv, InstanceNormalization, Gelu',
    graph: {
      nodes: [
        {
          operator: 'Conv',
          inputs: ['x', 'w'],
          outputs: ['features'],
          attributes: { kernel_shape: [kernel], strides: [stride] },
        },
        {
          operator: 'InstanceNormalization',
          inputs: ['features', 'gamma', 'beta'],
          outputs: ['normalized'],
          attributes: { epsilon: { float: EPSILON } },
        },
        { operator: 'Gelu', inputs: ['normalized'], outputs: [OUTPUT] },
      ],
      inputs: { x: dims },
      outputs: { [OUTPUT]: [1, channels, firstConvFrames(workload)] },
      initializers: {
        w: { dims: [channels, 1, kernel], data: named(weights, 'w').data },
        gamma: named(weights, 'gamma'),
        beta: named(weights, 'beta'),
      },
    },
    inputs: { x: { dims, data } },
    toCanonical: (output) => channelsLast(output, channels),
  };
}

/** The operators of an exported model, on [1, heads, frames, head size]; keys are given transposed. */
function plainAttention(
  { frames, heads, headSize }: WorkloadOf<'attention'>,
  { inputs }: WorkloadData,
): OnnxWork {
  const rows = [1, heads, frames, headSize];
  const columns = [1, heads, headSize, frames];
  const byHead = (name: string, axes: readonly number[]): HostTensor =>
    permute(reshape(named(inputs, name), [1, frames, heads, headSize]), axes);
  return {
    name: 'MatMul, Mul, Softmax, MatMul',
    graph: {
      nodes: [
        { operator: 'MatMul', inputs: ['q', 'k'], outputs: ['products'] },
        { operator: 'Mul', inputs: ['products', 'scale'], outputs: ['scores'] },
        { operator: 'Softmax', inputs: ['scores'], outputs: ['weights'] },
        { operator: 'MatMul', inputs: ['weights', 'v'], outputs: [OUTPUT] },
      ],
      inputs: { q: rows, k: columns, v: rows },
      outputs: { [OUTPUT]: rows },
      initializers: { scale: { dims: [], data: Float32Array.of(headSize ** -0.5) } },
    },
    inputs: { q: byHead('q', [0, 2, 1, 3]), k: byHead('k', [0, 2, 3, 1]), v: byHead('v', [0, 2, 1, 3]) },
    toCanonical: (output) => permute({ dims: rows, data: Float32Array.from(output) }, [0, 2, 1, 3]).data,
  };
}

/** ONNX Runtime's own fused operator, on [1, frames, heads · head size]. */
function fusedAttention(
  { frames, heads, headSize }: WorkloadOf<'attention'>,
  { inputs }: WorkloadData,
): OnnxWork {
  const dims = [1, frames, heads * headSize];
  const names = ['q', 'k', 'v'];
  return {
    name: 'MultiHeadAttention',
    graph: {
      nodes: [
        {
          operator: 'MultiHeadAttention',
          domain: MICROSOFT_DOMAIN,
          inputs: names,
          outputs: [OUTPUT],
          attributes: { num_heads: heads },
        },
      ],
      inputs: Object.fromEntries(names.map((name) => [name, dims])),
      outputs: { [OUTPUT]: dims },
      initializers: {},
    },
    inputs: Object.fromEntries(names.map((name) => [name, { dims, data: named(inputs, name).data }])),
    toCanonical: sameLayout,
  };
}
