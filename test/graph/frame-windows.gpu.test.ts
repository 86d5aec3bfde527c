/** Fewer frames in the middle of a graph: how many tensors have, and that they are those that the kernels compute. */
import { afterAll, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { poolFrames, unpoolFrames } from '../../src/graph/pooled-frames.ts';
import { poolWindow } from '../../src/graph/shape.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectClose } from '../helpers/kernel-expect.ts';
import { runGraph } from '../helpers/run-graph.ts';

const context = await openTestContext();
afterAll(() => context.release());

test('pooled frames become as many as there were', async () => {
  const [items, frames, channels, size] = [2, 11, 4, 3];
  const graph = new GraphBuilder();
  const x = graph.input('x', 'frames', channels);
  const pooled = graph.add('pooled', channels, poolFrames(x, poolWindow(size)));
  const wide = graph.add('wide', size * channels, { kind: 'linear', x: pooled, weight: 'w', bias: 'b' });
  const apart = graph.add('apart', channels, unpoolFrames(wide, size, x));
  graph.output('pooled', pooled);
  graph.output('sum', graph.add('sum', channels, { kind: 'add', x, y: apart }));

  const xs = new SeededRandom(1).normals(items * frames * channels);
  const weights = new Float32Array(size * channels * channels);
  // Frame i of a pool is i + 1 times their mean.
  for (let row = 0; row < size * channels; row++)
    weights[row * channels + (row % channels)] = 1 + Math.floor(row / channels);
  const { output } = await runGraph(context, graph, {
    shape: { items, samples: 400, frames },
    weights: { w: weights, b: new Float32Array(size * channels) },
    inputs: new Map([['x', Float32Array.from(xs)]]),
  });
  const meanAt = (item: number, pool: number, c: number): number => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += xs[(item * frames + pool * size + i) * channels + c] ?? NaN;
    return sum / size;
  };
  const pools = Math.floor(frames / size);
  const expected = Float64Array.from({ length: items * frames * channels }, (_, i) => {
    const [row, c] = [Math.floor(i / channels), i % channels];
    const [item, frame] = [Math.floor(row / frames), row % frames];
    const added = frame < pools * size ? (1 + (frame % size)) * meanAt(item, Math.floor(frame / size), c) : 0;
    return (xs[i] ?? NaN) + added;
  });
  expect(output('pooled').length).toBe(items * pools * channels);
  expectClose(output('sum'), expected, 'sum');
});
