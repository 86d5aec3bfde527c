/** Mean and standard deviation over the frames of each item, as an operation of the graph. */
import { planFrameStatistics } from '../../kernels/frame-statistics.ts';
import { framesOf, type TensorId } from './graph-tensor.ts';
import type { NewRareNode } from './rare-node.ts';

/**
 * [item, 2 · channels]: of each item the mean of x over its first keyCounts[item] frames, at least 2, and their standard deviation,
 * divided by one less than their number.
 */
export const frameStatistics = (x: TensorId, keyCounts: TensorId): NewRareNode => ({
  kind: 'frame_statistics',
  reads: [x, keyCounts],
  planNode({ capabilities, shape, tensorOf, place, addStep }) {
    const input = tensorOf(x);
    const spec = { items: shape.items, frames: framesOf(input, shape), channels: input.channels };
    addStep(planFrameStatistics(spec, capabilities), [place(x), place(keyCounts)]);
  },
});
