/** Convolutions over frames as nodes of a graph, against a convolution written down directly. */
import { afterAll, expect, test } from 'vitest';
import { planUnfoldFrames } from '../../kernels/frame-windows.ts';
import { ACTIVATION_REFERENCES } from '../../kernels/reference/activation.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { framesAfter } from '../../src/graph/shape.ts';
import { directConv, packConvWeight, padRows } from '../helpers/direct-conv.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectClose } from '../helpers/kernel-expect.ts';
import { runGraph } from '../helpers/run-graph.ts';

const context = await openTestContext();
afterAll(() => context.release());
const random = new SeededRandom(4);

const POOLED = { kernel: 2, stride: 2, padding: 0, dilation: 1 };

test.each([
  // As in a TDNN: no zeros, and frames with others between them.
  { inChannels: 8, outChannels: 5, groups: 1, kernel: 5, stride: 1, padding: 0, dilation: 1 },
  { inChannels: 6, outChannels: 10, groups: 1, kernel: 3, stride: 1, padding: 0, dilation: 3 },
  { inChannels: 7, outChannels: 66, groups: 1, kernel: 1, stride: 1, padding: 0, dilation: 4 },
  { inChannels: 5, outChannels: 4, groups: 1, kernel: 2, stride: 3, padding: 0, dilation: 2 },
  // As in an adapter behind the encoder.
  { inChannels: 6, outChannels: 12, groups: 1, kernel: 3, stride: 2, padding: 1, dilation: 1 },
  { inChannels: 5, outChannels: 10, groups: 1, kernel: 4, stride: 3, padding: 1, dilation: 1 },
  // As positions: kernels of both kinds, groups.
  { inChannels: 12, outChannels: 12, groups: 3, kernel: 5, stride: 1, padding: 2, dilation: 1 },
  { inChannels: 18, outChannels: 18, groups: 2, kernel: 4, stride: 2, padding: 2, dilation: 1 },
])('%o', async ({ inChannels, outChannels, groups, ...taps }) => {
  const { kernel, stride, padding, dilation } = taps;
  const [items, frames, width] = [2, 23, inChannels / groups];
  const inStride = ceil4(inChannels);
  // Those that keep their frames, or have half as many, drop the last one of an even kernel.
  const isPositional = groups > 1;
  const window = isPositional ? (stride === 1 ? undefined : POOLED) : taps;
  const outFrames = framesAfter(frames, window ? [window] : []);
  const graph = new GraphBuilder();
  const x = graph.input('x', 'frames', inChannels);
  const conv = graph.add('conv', outChannels, {
    kind: 'frame_conv',
    x,
    weight: 'w',
    bias: 'b',
    groups,
    taps,
    window,
    planUnfold: planUnfoldFrames,
  });
  graph.output('out', graph.add('act', outChannels, { kind: 'activation', x: conv, activation: 'tanh' }));

  const xs = random.normals(items * frames * inStride);
  const w = random.normals(outChannels * width * kernel, 0, (width * kernel) ** -0.5);
  const bias = random.normals(outChannels);
  const { stepNames, output } = await runGraph(context, graph, {
    shape: { items, samples: 400, frames },
    weights: { w: packConvWeight(w, outChannels, width, kernel, ceil4(width)), b: bias },
    inputs: new Map([['x', Float32Array.from(xs)]]),
  });
  expect(stepNames.at(-1)).toBe('act');
  expect(stepNames.length).toBe(padding > 0 || (dilation > 1 && kernel > 1) ? 2 : 1);
  const direct = { items, frames, inChannels, outChannels, groups, outFrames, ...taps };
  const expected = directConv(direct, xs, inStride, w, bias).map(ACTIVATION_REFERENCES.tanh);
  expectClose(output('out'), padRows(expected, outChannels), 'out');
});
