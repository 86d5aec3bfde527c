/** A head over rows of items, with operations that stand alone, as a graph on a GPU. */
import { afterAll, expect, test } from 'vitest';
import { ACTIVATION_REFERENCES } from '../../kernels/reference/activation.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectClose } from '../helpers/kernel-expect.ts';
import { runGraph } from '../helpers/run-graph.ts';

const context = await openTestContext();
afterAll(() => context.release());
const random = new SeededRandom(9);

test('sum, linear layer and activation of [item, channel] rows', async () => {
  const [items, inputs, outputs] = [3, 8, 5];
  const graph = new GraphBuilder();
  const x = graph.input('x', 'items', inputs);
  const y = graph.input('y', 'items', inputs);
  const sum = graph.add('sum', inputs, { kind: 'add', x, y }, 'items');
  const scores = graph.add('scores', outputs, { kind: 'linear', x: sum, weight: 'w', bias: 'b' }, 'items');
  const activated = graph.add(
    'act',
    outputs,
    { kind: 'activation', x: scores, activation: 'sigmoid' },
    'items',
  );
  // Read by the caller, so that nothing can be fused into the linear layer.
  graph.output('scores', scores);
  graph.output('activated', activated);
  const [xs, ys] = [random.normals(items * inputs), random.normals(items * inputs)];
  // Rows of weights and biases past the outputs are zeros, as a model's are.
  const weights = new Float32Array(8 * inputs);
  weights.set(random.normals(outputs * inputs));
  const biases = new Float32Array(8);
  biases.set(random.normals(outputs));
  const { stepNames, output } = await runGraph(context, graph, {
    shape: { items, samples: 400, frames: 7 },
    weights: { w: weights, b: biases },
    inputs: new Map([
      ['x', Float32Array.from(xs)],
      ['y', Float32Array.from(ys)],
    ]),
  });
  expect(stepNames).toEqual(['sum', 'scores', 'act']);
  const expected = Float64Array.from({ length: items * 8 }, (_, i) => {
    const [item, output] = [Math.floor(i / 8), i % 8];
    if (output >= outputs) return 0;
    let score = biases[output] ?? NaN;
    for (let c = 0; c < inputs; c++) {
      const input = item * inputs + c;
      score += ((xs[input] ?? NaN) + (ys[input] ?? NaN)) * (weights[output * inputs + c] ?? NaN);
    }
    return score;
  });
  const sigmoid = ACTIVATION_REFERENCES.sigmoid;
  expectClose(output('scores'), expected, 'scores');
  expectClose(
    output('activated'),
    expected.map((score, i) => (i % 8 < outputs ? sigmoid(score) : 0)),
    'activated scores, padding 0',
  );
});
