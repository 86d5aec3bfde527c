/** The mean over the frames of each item, as an operation of the graph. */
import { planFrameMean } from '../../kernels/frame-mean.ts';
import type { WeightElement } from './graph-node.ts';
import { framesOf, type TensorId } from './graph-tensor.ts';
import type { NewRareNode } from './rare-node.ts';

interface FrameMean {
  /** [item, frame, channel] */
  readonly x: TensorId;
  readonly keyCounts: TensorId;
  /** Without it 1. */
  readonly factor: WeightElement | undefined;
  readonly total: TensorId | undefined;
}

/** out[item] = mean of x[item] over its first keyCounts[item] frames, times a factor, plus `total`[item]. */
export const frameMean = ({ x, keyCounts, factor, total }: FrameMean): NewRareNode => ({
  kind: 'frame_mean',
  reads: [x, keyCounts, ...(total === undefined ? [] : [total])],
  planNode({ capabilities, shape, out, tensorOf, place, addStep }) {
    const spec = {
      items: shape.items,
      frames: framesOf(tensorOf(x), shape),
      channels: out.channels,
      weightIndex: factor?.index,
      hasTotal: total !== undefined,
    };
    addStep(planFrameMean(spec, capabilities), [
      place(x),
      place(keyCounts),
      factor?.weights,
      total === undefined ? undefined : place(total),
    ]);
  },
});
