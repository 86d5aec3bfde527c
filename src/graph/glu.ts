/** The gated linear unit, as an operation of the graph. */
import { planGlu } from '../../kernels/glu.ts';
import type { TensorId } from './graph-tensor.ts';
import type { NewRareNode } from './rare-node.ts';

/** Of each row the first half of the channels, times the sigmoid of the second half. */
export const glu = (x: TensorId): NewRareNode => ({
  kind: 'glu',
  reads: [x],
  planNode({ capabilities, out, rows, place, addStep }) {
    addStep(planGlu({ rows: rows(), channels: out.channels }, capabilities), [place(x)]);
  },
});
