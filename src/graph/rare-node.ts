/**
 * Operations of few models. Their nodes bring their planners, so that a kernel comes with the head or the piece of an encoder that adds it
 * to a graph, and models without it never load it.
 */
import type { PlannedCall } from '../../kernels/recipes.ts';
import type { GpuCapabilities } from '../gpu/capabilities.ts';
import type { GraphTensor, TensorId } from './graph-tensor.ts';
import type { StepBuffer } from './plan-builder.ts';
import type { FrameWindow, RunShape } from './shape.ts';

/** What the planner of a node gets. */
export interface NodePlanning {
  readonly capabilities: GpuCapabilities;
  readonly shape: RunShape;
  /** The output of the node. */
  readonly out: GraphTensor;
  readonly tensorOf: (id: TensorId) => GraphTensor;
  /** Rows of an operation that works on each row separately. @throws Error where its inputs have others. */
  readonly rows: () => number;
  /** The plan tensor of a graph tensor. */
  readonly place: (id: TensorId) => number;
  /** Adds the call of the node's kernel. @param inputs in binding order; the output follows. */
  readonly addStep: (call: PlannedCall, inputs: readonly StepBuffer[]) => void;
}

export interface RareNode {
  readonly kind:
    | 'attention_gates'
    | 'count_codes'
    | 'frame_mean'
    | 'frame_statistics'
    | 'gather_codes'
    | 'glu'
    | 'pool_frames'
    | 'unpool_frames';
  /** The tensors that it reads. Its output has the frames of the first, or of its windows. */
  readonly reads: readonly TensorId[];
  readonly window?: FrameWindow;
  readonly planNode: (planning: NodePlanning) => void;
  readonly out: TensorId;
}

/** Such an operation before it is added. */
export type NewRareNode = Omit<RareNode, 'out'>;
