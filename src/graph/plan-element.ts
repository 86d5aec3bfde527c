/** Plans operations that touch each element once: all are cases of one kernel. */
import type { Activation } from '../../kernels/activation.ts';
import { planElementwise, type ElementwiseSpec } from '../../kernels/elementwise.ts';
import { ceil4 } from '../gpu/kernel.ts';
import type { GraphNode } from './graph-node.ts';
import type { TensorId } from './graph-tensor.ts';
import type { PlanBuilder, StepBuffer } from './plan-builder.ts';

type ElementNode = Extract<GraphNode, { kind: 'activation' | 'add' | 'channel_affine' | 'accumulate' }>;

/** What x is multiplied with and what is added, and the buffers that hold it. */
interface ElementOperands extends Pick<ElementwiseSpec, 'factor' | 'addend'> {
  readonly factors?: StepBuffer;
  readonly y?: StepBuffer;
}

/**
 * @param hiddenActivation compiled in where the operation has none, so that all share a pipeline.
 * @param place the plan tensor of a graph tensor.
 */
export function planElement(
  plan: PlanBuilder,
  node: ElementNode,
  { name, ...size }: Pick<ElementwiseSpec, 'rows' | 'channels'> & { readonly name: string },
  hiddenActivation: Activation,
  place: (id: TensorId) => number,
): void {
  const { factors, y, ...operands } = operandsOf(node, size.channels, place);
  const hasActivation = node.kind === 'activation';
  const activation = hasActivation ? node.activation : hiddenActivation;
  const call = planElementwise({ ...size, ...operands, activation, hasActivation }, plan.capabilities);
  plan.step(name, call, [place(node.x), factors, y, place(node.out)]);
}

function operandsOf(node: ElementNode, channels: number, place: (id: TensorId) => number): ElementOperands {
  switch (node.kind) {
    case 'activation':
      return { factor: undefined, addend: undefined };
    case 'add':
      return { factor: undefined, addend: 'rows', y: place(node.y) };
    case 'channel_affine':
      return {
        factor: { index: ceil4(channels), isByChannel: true },
        factors: node.weights,
        addend: 'row',
        y: node.weights,
      };
    case 'accumulate': {
      const { weights, index } = node.factor;
      const scaled = { factor: { index, isByChannel: false }, factors: weights };
      return node.total === undefined
        ? { ...scaled, addend: undefined }
        : { ...scaled, addend: 'rows', y: place(node.total) };
    }
  }
}
