/**
 * Plans a convolution over frames as a product. Rows of frames that follow each other overlap in memory. Zeros around them and groups need
 * a copy in their order, and frames that a dilated convolution reads are laid side by side first.
 */
import { groupStride, paddedFrames, planPosConvPack } from '../../kernels/elementwise.ts';
import { linearSpec, type GemmSpec } from '../../kernels/gemm.ts';
import { ceil4 } from '../gpu/kernel.ts';
import type { GraphNode } from './graph-node.ts';
import type { PlanBuilder } from './plan-builder.ts';

type FrameConvNode = Extract<GraphNode, { kind: 'frame_conv' }>;

export interface FrameConvSize {
  readonly items: number;
  /** Of the input and of the output. */
  readonly frames: number;
  readonly outFrames: number;
  readonly channels: number;
  readonly outChannels: number;
}

/** The left operand of a product: a tensor of the plan, and where its rows lie. */
interface ConvRows extends Pick<GemmSpec, 'inner' | 'aRowStride' | 'aBatchStride'> {
  readonly tensor: number;
}

/**
 * Adds the steps that lay the frames out.
 * @param x the plan tensor of the frames.
 * @returns the product, and the plan tensor that it reads.
 */
export function planFrameConv(
  plan: PlanBuilder,
  name: string,
  node: FrameConvNode,
  size: FrameConvSize,
  x: number,
  writeOut: Pick<GemmSpec, 'weights' | 'hasBias' | 'activation' | 'hasActivation' | 'hasResidual'>,
): { readonly tensor: number; readonly spec: GemmSpec } {
  const { items, outFrames, outChannels } = size;
  const { tensor, ...rows } = convRows(plan, name, node, size, x);
  const channelStride = ceil4(outChannels);
  const columns = outChannels / node.groups;
  const spec = linearSpec({
    ...writeOut,
    ...rows,
    rows: outFrames,
    columns,
    items,
    groups: node.groups,
    outRowStride: channelStride,
    outItemStride: outFrames * channelStride,
    outGroupStride: columns,
    lastGroupColumns: columns + channelStride - outChannels,
  });
  return { tensor, spec };
}

function convRows(
  plan: PlanBuilder,
  name: string,
  { groups, taps, planUnfold }: FrameConvNode,
  { items, frames, outFrames, channels }: FrameConvSize,
  x: number,
): ConvRows {
  const { kernel, stride, padding, dilation } = taps;
  const { capabilities } = plan;
  const input = `${name} input`;
  if ((outFrames - 1) * stride + dilation * (kernel - 1) >= frames + 2 * padding)
    throw new Error(`${name} reads frames behind the last of ${frames}`);
  if (dilation > 1 && kernel > 1) {
    if (padding > 0 || groups > 1) throw new Error(`${name} is dilated, but has groups or padding`);
    if (planUnfold === undefined) throw new Error(`${name} is dilated, but brings no kernel for it`);
    const inner = kernel * ceil4(channels);
    const tensor = plan.tensor(input, items * outFrames * inner);
    const spec = { items, frames, outFrames, channels, kernel, stride, dilation };
    plan.step(`${name} unfold`, planUnfold(spec, capabilities), [x, tensor]);
    return { tensor, inner, aRowStride: inner, aBatchStride: outFrames * inner };
  }
  const pack = { items, frames, channels, groups, padding };
  const groupRow = groupStride(pack);
  const aBatchStride = paddedFrames(pack) * groupRow;
  const rows = { inner: kernel * groupRow, aRowStride: stride * groupRow, aBatchStride };
  if (padding === 0 && groups === 1) return { tensor: x, ...rows };
  const tensor = plan.tensor(input, items * groups * aBatchStride);
  plan.step(`${name} pack`, planPosConvPack(pack, capabilities), [x, tensor]);
  return { tensor, ...rows };
}
