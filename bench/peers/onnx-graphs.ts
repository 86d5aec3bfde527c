/** Workloads of one operation as ONNX graphs, in the layouts that ONNX's operators take, so that nothing but the work is timed. */
import type { HostTensor, Workload, WorkloadData } from './engine.ts';
import { framesFirst, headsFirst, transposed } from './layouts.ts';
import { MICROSOFT_DOMAIN, type OnnxGraph } from './onnx-model.ts';
import { firstConvFrames } from './workloads.ts';

type SingleOp = Exclude<Workload, { kind: 'model' }>;
type Kind<K extends Workload['kind']> = Extract<Workload, { kind: K }>;

/** One way to do the work in ONNX. */
export interface OnnxWork {
  /** For people. */
  readonly name: string;
  readonly graph: OnnxGraph;
  readonly inputs: Readonly<Record<string, HostTensor>>;
  toCanonical(output: Float32Array): Float32Array;
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

function tensorOf(tensors: Readonly<Record<string, HostTensor>>, name: string): HostTensor {
  const found = tensors[name];
  if (found === undefined) throw new Error(`the workload has no numbers named "${name}"`);
  return found;
}

const sameLayout = (output: Float32Array): Float32Array => output;

/** A product with constant right side [inner, columns], as exporters write linear layers. */
function gemm({ rows, columns, inner }: Kind<'gemm'>, { inputs, weights }: WorkloadData): OnnxWork {
  const w = { dims: [inner, columns], data: transposed(tensorOf(weights, 'w').data, columns) };
  return {
    name: 'MatMul',
    graph: {
      nodes: [{ operator: 'MatMul', inputs: ['a', 'w'], outputs: [OUTPUT] }],
      inputs: { a: [rows, inner] },
      outputs: { [OUTPUT]: [rows, columns] },
      initializers: { w },
    },
    inputs: { a: tensorOf(inputs, 'a') },
    toCanonical: sameLayout,
  };
}

/** [1, channels, frames] in and out; padded so that an even kernel gives as many frames as there were. */
function groupedConv(
  { frames, channels, groups, kernel }: Kind<'grouped_conv'>,
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
      initializers: { w: tensorOf(weights, 'w') },
    },
    inputs: { x: { dims, data: transposed(tensorOf(inputs, 'x').data, frames) } },
    toCanonical: (output) => transposed(output, channels),
  };
}

/** [1, 1, samples] in, [1, channels, frames] out. Group norm with one group a channel is instance norm. */
function firstConv(workload: Kind<'first_conv'>, { inputs, weights }: WorkloadData): OnnxWork {
  const { sampleCount, channels, kernel, stride } = workload;
  const { data } = tensorOf(inputs, 'x');
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
        w: { dims: [channels, 1, kernel], data: tensorOf(weights, 'w').data },
        gamma: tensorOf(weights, 'gamma'),
        beta: tensorOf(weights, 'beta'),
      },
    },
    inputs: { x: { dims, data } },
    toCanonical: (output) => transposed(output, channels),
  };
}

/** The operators of an exported model, on [1, heads, frames, head size]; keys are given transposed. */
function plainAttention({ frames, heads, headSize }: Kind<'attention'>, { inputs }: WorkloadData): OnnxWork {
  const rows = [1, heads, frames, headSize];
  const columns = [1, heads, headSize, frames];
  const [q, k, v] = ['q', 'k', 'v'].map((name) => headsFirst(tensorOf(inputs, name), heads, headSize));
  const headLength = frames * headSize;
  const keys = new Float32Array(heads * headLength);
  for (let start = 0; start < keys.length; start += headLength)
    keys.set(transposed((k ?? keys).subarray(start, start + headLength), frames), start);
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
    inputs: {
      q: { dims: rows, data: q ?? keys },
      k: { dims: columns, data: keys },
      v: { dims: rows, data: v ?? keys },
    },
    toCanonical: (output) => framesFirst(output, heads, headSize),
  };
}

/** ONNX Runtime's own fused operator, on [1, frames, heads · head size]. */
function fusedAttention({ frames, heads, headSize }: Kind<'attention'>, { inputs }: WorkloadData): OnnxWork {
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
    inputs: Object.fromEntries(names.map((name) => [name, { dims, data: tensorOf(inputs, name).data }])),
    toCanonical: sameLayout,
  };
}
