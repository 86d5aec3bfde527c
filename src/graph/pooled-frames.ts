/** Frames that become fewer and as many again, as operations of the graph. */
import { planPoolFrames, planUnpoolFrames } from '../../kernels/frame-windows.ts';
import { framesOf, type TensorId } from './graph-tensor.ts';
import type { NewRareNode, NodePlanning } from './rare-node.ts';
import type { FrameWindow } from './shape.ts';

const moveOf = ({ shape, out, tensorOf }: NodePlanning, x: TensorId) => ({
  items: shape.items,
  frames: framesOf(tensorOf(x), shape),
  outFrames: framesOf(out, shape),
  channels: out.channels,
});

/** The mean of the frames of each window of `poolWindow`. */
export const poolFrames = (x: TensorId, window: FrameWindow): NewRareNode => ({
  kind: 'pool_frames',
  reads: [x],
  window,
  planNode(planning) {
    const spec = { ...moveOf(planning, x), size: window.kernel };
    planning.addStep(planPoolFrames(spec, planning.capabilities), [planning.place(x)]);
  },
});

/** Reads each frame, [size · channels], as `size` frames; frames of zeros follow until there are as many as in `like`. */
export const unpoolFrames = (x: TensorId, size: number, like: TensorId): NewRareNode => ({
  kind: 'unpool_frames',
  reads: [like, x],
  planNode(planning) {
    const spec = { ...moveOf(planning, x), size };
    planning.addStep(planUnpoolFrames(spec, planning.capabilities), [planning.place(x)]);
  },
});
