/** Plans of operations over frames: their kernels, their frames and what they read. No GPU. */
import { expect, test } from 'vitest';
import { planUnfoldFrames } from '../../kernels/frame-windows.ts';
import { fuse } from '../../src/graph/fuse.ts';
import type { TensorId } from '../../src/graph/graph-tensor.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { planGraph, type Plan } from '../../src/graph/plan.ts';
import { frameStatistics } from '../../src/graph/frame-statistics.ts';
import { glu } from '../../src/graph/glu.ts';
import { poolFrames, unpoolFrames } from '../../src/graph/pooled-frames.ts';
import { poolWindow, type FrameWindow } from '../../src/graph/shape.ts';
import { adapter } from '../helpers/planned.ts';

const SHAPE = { items: 3, samples: 16_000, frames: 49 };

function planOf(build: (graph: GraphBuilder, x: TensorId) => TensorId, channels = 6): Plan {
  const graph = new GraphBuilder();
  graph.output('out', build(graph, graph.input('x', 'frames', channels)));
  return planGraph(fuse(graph.build()), SHAPE, adapter(8), { hiddenActivation: 'gelu', weightFormat: 'f32' });
}

const bytesOf = ({ tensors }: Plan, name: string): number | undefined =>
  tensors.find((tensor) => tensor.name === name)?.byteLength;

const kernelsOf = ({ steps }: Plan): readonly string[] => steps.map(({ call }) => call.recipe.kind);

const CONV = { kind: 'frame_conv', weight: 'w', bias: 'b', planUnfold: planUnfoldFrames } as const;
/** A convolution of 6 channels to 10. */
const conv = (taps: FrameWindow, groups = 1, window: FrameWindow | undefined = taps) =>
  planOf((graph, x) => graph.add('conv', 10, { ...CONV, x, groups, taps, window }));

test('a convolution without zeros or gaps reads the frames where they are', () => {
  const plan = conv({ kernel: 5, stride: 2, padding: 0, dilation: 1 });
  expect(kernelsOf(plan)).toEqual(['gemm']);
  expect(plan.steps[0]?.buffers).toEqual([0, 'w', 'b', undefined, 1]);
  expect(plan.steps[0]?.call.params).toMatchObject({ row_count: 23, inner4: 10, a_row_stride4: 4 });
  expect(bytesOf(plan, 'conv')).toBe(3 * 23 * 12 * 4);
  // A tap alone has no gap.
  expect(kernelsOf(conv({ kernel: 1, stride: 1, padding: 0, dilation: 3 }))).toEqual(['gemm']);
});

test('zeros, groups and gaps need the frames in another order', () => {
  const dilated = conv({ kernel: 3, stride: 1, padding: 0, dilation: 3 });
  expect(kernelsOf(dilated)).toEqual(['unfold_frames', 'gemm']);
  expect(bytesOf(dilated, 'conv')).toBe(3 * 43 * 12 * 4);
  const padded = conv({ kernel: 3, stride: 2, padding: 1, dilation: 1 });
  expect(kernelsOf(padded)).toEqual(['pos_conv_pack', 'gemm']);
  expect(bytesOf(padded, 'conv')).toBe(3 * 25 * 12 * 4);
  const strided = conv({ kernel: 4, stride: 2, padding: 2, dilation: 1 }, 2, poolWindow(2));
  expect(kernelsOf(strided)).toEqual(['pos_conv_pack', 'gemm']);
  // Two groups of 3 channels in 4 places.
  expect(strided.steps[1]?.call.params).toMatchObject({ row_count: 24, a_row_stride4: 2, column_count: 5 });
});

test('taps beyond the frames, and gaps in groups, are mistakes in the graph', () => {
  const taps = { kernel: 3, stride: 1, padding: 0, dilation: 1 };
  expect(() => conv(taps, 1, poolWindow(1))).toThrow('conv reads frames behind the last of 49');
  expect(() => conv({ ...taps, dilation: 2 }, 2)).toThrow('conv is dilated, but has groups or padding');
  const { planUnfold: _, ...plain } = CONV;
  const gaps = { ...taps, dilation: 2 };
  expect(() =>
    planOf((graph, x) => graph.add('conv', 10, { ...plain, x, groups: 1, taps: gaps, window: gaps })),
  ).toThrow('conv is dilated, but brings no kernel for it');
});

test('windows follow each other', () => {
  const plan = planOf((graph, x) => {
    const pooled = graph.add('pooled', 6, poolFrames(x, poolWindow(3)));
    const taps = { kernel: 3, stride: 1, padding: 0, dilation: 2 };
    const out = graph.add('out', 6, { ...CONV, x: pooled, groups: 1, taps, window: taps });
    return graph.add('apart', 2, unpoolFrames(out, 3, x));
  });
  expect(bytesOf(plan, 'pooled')).toBe(3 * 16 * 8 * 4);
  expect(bytesOf(plan, 'out')).toBe(3 * 12 * 8 * 4);
  expect(bytesOf(plan, 'apart')).toBe(3 * 49 * 4 * 4);
  expect(plan.steps.at(-1)?.call.params).toMatchObject({ pooled_frame_count: 12, frame_count: 49 });
});

test('a gate, statistics of frames, factors by channel and weighted sums', () => {
  const plan = planOf((graph, x) => {
    const gated = graph.add('gated', 3, glu(x));
    const scaled = graph.add('scaled', 3, { kind: 'channel_affine', x: gated, weights: 's' });
    const term = (index: number, total: TensorId | undefined): TensorId =>
      graph.add(`term ${index}`, 3, {
        kind: 'accumulate',
        x: scaled,
        factor: { weights: 'w', index },
        total,
      });
    const sum = term(1, term(0, undefined));
    const keyCounts = graph.input('counts', 'per-item');
    return graph.add('statistics', 6, frameStatistics(sum, keyCounts), 'items');
  });
  const place = (name: string): number => plan.tensors.findIndex((tensor) => tensor.name === name);
  expect(plan.steps.map(({ name, buffers }) => [name, buffers])).toEqual([
    ['gated', [place('x'), place('gated')]],
    ['scaled', [place('gated'), 's', 's', place('scaled')]],
    ['term 0', [place('scaled'), 'w', undefined, place('term 0')]],
    ['term 1', [place('scaled'), 'w', place('term 0'), place('term 1')]],
    ['statistics', [place('term 1'), place('counts'), place('statistics')]],
  ]);
  expect(plan.steps[1]?.call.params).toMatchObject({ factor_step: 1, addend_quads: 1 });
  expect(plan.steps[3]?.call.params).toMatchObject({ factor_index: 1, factor_step: 0, has_addend: 1 });
  expect(bytesOf(plan, 'statistics')).toBe(3 * 8 * 4);
});
