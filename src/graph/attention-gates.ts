/** The gates of a position bias, as an operation of the graph. */
import { planAttentionGates } from '../../kernels/attention-gates.ts';
import { rowCount, type TensorId, type WeightName } from './graph-tensor.ts';
import type { NewRareNode } from './rare-node.ts';

/**
 * [item, frame, heads]: the gates of `PositionBias`.
 * @param x the input of attention.
 * @param weights `packGateWeights` of the kernel.
 */
export const attentionGates = (x: TensorId, weights: WeightName, headSize: number): NewRareNode => ({
  kind: 'attention_gates',
  reads: [x],
  planNode({ capabilities, shape, out, place, addStep }) {
    const spec = { rows: rowCount(out, shape), heads: out.channels, headSize };
    addStep(planAttentionGates(spec, capabilities), [place(x), weights]);
  },
});
