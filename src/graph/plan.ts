/** Plans a graph for one shape: kernel calls in order, tensors, memory. Pure data, no GPU. */
import { planAttention, planAttentionWeights } from '../../kernels/attention.ts';
import { planChooseCodes } from '../../kernels/choose-codes.ts';
import { planMaskFrames } from '../../kernels/elementwise.ts';
import { linearSpec, planGemm, type GemmSpec } from '../../kernels/gemm.ts';
import { planLayerNorm } from '../../kernels/layer-norm.ts';
import type { Activation } from '../../kernels/activation.ts';
import type { WeightFormat } from '../../kernels/weight-format.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { GpuCapabilities } from '../gpu/capabilities.ts';
import { ceil4 } from '../gpu/kernel.ts';
import { readsOf, type GraphNode } from './graph-node.ts';
import { elementCount, framesOf, rowCount, type GraphTensor, type TensorId } from './graph-tensor.ts';
import type { Graph } from './graph.ts';
import type { MemoryPlan } from './memory.ts';
import { PlanBuilder, type PlanStep, type PlanTensor } from './plan-builder.ts';
import { planConvStack } from './plan-conv-stack.ts';
import { planElement } from './plan-element.ts';
import { planFrameConv } from './plan-frame-conv.ts';
import type { RunShape } from './shape.ts';

/** An input or output tensor: its place in the plan and its shape. */
export interface PlanPort {
  readonly tensor: number;
  readonly graphTensor: GraphTensor;
}

export interface Plan {
  readonly shape: RunShape;
  readonly steps: readonly PlanStep[];
  readonly tensors: readonly PlanTensor[];
  readonly memory: MemoryPlan;
  readonly inputs: ReadonlyMap<string, PlanPort>;
  readonly outputs: ReadonlyMap<string, PlanPort>;
}

/** The properties of a model that a plan needs in addition to the graph. */
export interface PlanOptions {
  /** Compiled into the GEMM even for layers without activation, so that layers share a pipeline. */
  readonly hiddenActivation: Activation;
  /** The format of matrix weights on the GPU. */
  readonly weightFormat: WeightFormat;
}

/**
 * @throws UniSpeechError `limit-exceeded` if a tensor is larger than one binding.
 */
export function planGraph(
  graph: Graph,
  shape: RunShape,
  capabilities: GpuCapabilities,
  options: PlanOptions,
): Plan {
  const builder = new PlanBuilder(capabilities, options.weightFormat);
  const planned = new Map<TensorId, number>();
  /** The plan tensor of a graph tensor, made on first use. */
  const place = (id: TensorId): number => {
    let index = planned.get(id);
    if (index === undefined) {
      const graphTensor = graphTensorOf(graph, id);
      index = builder.tensor(graphTensor.name, elementCount(graphTensor, shape));
      planned.set(id, index);
    }
    return index;
  };
  const ports = (ids: ReadonlyMap<string, TensorId>): ReadonlyMap<string, PlanPort> =>
    new Map(
      [...ids].map(([name, id]) => [name, { tensor: place(id), graphTensor: graphTensorOf(graph, id) }]),
    );

  const inputs = ports(graph.inputs);
  for (const node of graph.nodes) planNode(builder, graph, node, shape, place, options.hiddenActivation);
  const outputs = ports(graph.outputs);
  const readback = readbackByteLength(builder.tensors, outputs);
  if (readback > capabilities.limits.maxBufferSize) {
    throw new UniSpeechError(
      'limit-exceeded',
      `The outputs asked for take ${readback} bytes together, but a buffer of this adapter holds ${capabilities.limits.maxBufferSize}.`,
      'Ask for fewer outputs, or use shorter audio.',
    );
  }
  const memory = builder.planMemory(
    [...inputs.values()].map((port) => port.tensor),
    [...outputs.values()].map((port) => port.tensor),
  );
  return { shape, steps: builder.steps, tensors: builder.tensors, memory, inputs, outputs };
}

/** Bytes of the staging buffer for all outputs. */
export function readbackByteLength(
  tensors: readonly PlanTensor[],
  outputs: ReadonlyMap<string, PlanPort>,
): number {
  return [...outputs.values()].reduce((sum, port) => sum + (tensors[port.tensor]?.byteLength ?? 0), 0);
}

function graphTensorOf(graph: Graph, id: TensorId): GraphTensor {
  const graphTensor = graph.tensors[id];
  if (graphTensor === undefined) throw new Error(`the graph has no tensor ${id}`);
  return graphTensor;
}

function planNode(
  plan: PlanBuilder,
  graph: Graph,
  node: GraphNode,
  shape: RunShape,
  place: (id: TensorId) => number,
  hiddenActivation: Activation,
): void {
  const { capabilities } = plan;
  const out = graphTensorOf(graph, node.out);
  const { name, channels } = out;
  const placeOptional = (id: TensorId | undefined) => (id === undefined ? undefined : place(id));
  switch (node.kind) {
    case 'conv_stack':
      planConvStack(plan, node, shape, place(node.audio), place(node.out));
      return;
    case 'linear':
    case 'frame_conv': {
      const writeOut = {
        weights: plan.weightFormat,
        hasBias: node.bias !== undefined,
        activation: node.activation ?? hiddenActivation,
        hasActivation: node.activation !== undefined,
        hasResidual: node.residual !== undefined,
      };
      const input = graphTensorOf(graph, node.x);
      let tensor = place(node.x);
      let spec: GemmSpec;
      if (node.kind === 'linear') {
        const rows = rowsOf(graph, node, shape);
        spec = linearSpec({ ...writeOut, rows, columns: ceil4(channels), inner: ceil4(input.channels) });
      } else {
        const size = {
          items: shape.items,
          frames: framesOf(input, shape),
          outFrames: framesOf(out, shape),
          channels: input.channels,
          outChannels: channels,
        };
        ({ tensor, spec } = planFrameConv(plan, name, node, size, tensor, writeOut));
      }
      plan.step(name, planGemm(spec, capabilities), [
        tensor,
        node.weight,
        node.bias,
        placeOptional(node.residual),
        place(node.out),
      ]);
      return;
    }
    case 'layer_norm': {
      const call = planLayerNorm(
        {
          rows: rowsOf(graph, node, shape),
          channels,
          epsilon: node.epsilon,
          hasResidual: node.residual !== undefined,
          hasAffine: node.gamma !== undefined,
          activation: node.activation ?? hiddenActivation,
          hasActivation: node.activation !== undefined,
          outOffset: 0,
        },
        capabilities,
      );
      plan.step(name, call, [
        place(node.x),
        placeOptional(node.residual),
        node.gamma,
        node.beta,
        place(node.out),
      ]);
      return;
    }
    case 'mask_frames': {
      const { replacement } = node;
      const replacesByFrame = typeof replacement === 'number';
      const spec = { frames: rowCount(out, shape), channels, replacesByFrame };
      plan.step(name, planMaskFrames(spec, capabilities), [
        place(node.x),
        place(node.codes),
        replacesByFrame ? place(replacement) : replacement,
        place(node.out),
      ]);
      return;
    }
    case 'choose_codes': {
      const { groups, codeCount: codes, noise, marksNaN = false } = node;
      const spec = {
        rows: shape.items * framesOf(out, shape),
        groups,
        codes,
        hasNoise: noise !== undefined,
        marksNaN,
        outStride: out.extent === 'per-frame' ? 1 : ceil4(channels),
      };
      plan.step(name, planChooseCodes(spec, capabilities), [
        place(node.x),
        placeOptional(noise),
        place(node.out),
      ]);
      return;
    }
    case 'attention':
    case 'attention_weights': {
      const frames = framesOf(out, shape);
      const { heads, headSize, bias, gates, biases } = node;
      const spec = { items: shape.items, frames, heads, headSize, bias };
      const call = node.kind === 'attention' ? planAttention(spec, capabilities) : planAttentionWeights(spec);
      const ofBias = gates === undefined ? [] : [place(gates), biases];
      plan.step(name, call, [place(node.qkv), place(node.keyCounts), place(node.out), ...ofBias]);
      return;
    }
    case 'activation':
    case 'add':
    case 'channel_affine':
    case 'accumulate':
      planElement(plan, node, { name, channels, rows: rowsOf(graph, node, shape) }, hiddenActivation, place);
      return;
    default:
      node.planNode({
        capabilities,
        shape,
        out,
        tensorOf: (id) => graphTensorOf(graph, id),
        rows: () => rowsOf(graph, node, shape),
        place,
        addStep: (call, inputs) => plan.step(name, call, [...inputs, place(node.out)]),
      });
  }
}

/** The row count of an operation that works on each row separately. All its inputs must have the same count. */
function rowsOf(graph: Graph, node: GraphNode, shape: RunShape): number {
  const out = graphTensorOf(graph, node.out);
  for (const id of readsOf(node)) {
    const read = graphTensorOf(graph, id);
    if (read.extent !== out.extent)
      throw new Error(
        `${out.name} is made for ${out.extent}, but ${read.name}, which it reads, for ${read.extent}`,
      );
    if (framesOf(read, shape) !== framesOf(out, shape))
      throw new Error(`${out.name} and ${read.name}, which it reads, have different frames`);
  }
  return rowCount(out, shape);
}
