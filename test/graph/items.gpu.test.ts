/** A head over rows of items, with operations that stand alone, as a graph on a GPU. */
import { GPUBufferUsage } from '../../src/gpu/flags.ts';
import { afterAll, expect, test } from 'vitest';
import { ACTIVATION_REFERENCES } from '../../kernels/reference/activation.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { fuse } from '../../src/graph/fuse.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { planGraph } from '../../src/graph/plan.ts';
import { Session } from '../../src/graph/session.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectClose } from '../helpers/kernel-expect.ts';

const context = await openTestContext();
afterAll(() => context.release());
const random = new SeededRandom(9);

/** A buffer of the session's weights, which the session destroys. */
function weight(values: Float32Array): GPUBufferBinding {
  const buffer = context.device.createBuffer({
    size: values.byteLength,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
  });
  context.device.queue.writeBuffer(buffer, 0, values.buffer, values.byteOffset, values.byteLength);
  return { buffer };
}

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
  const shape = { items, samples: 400, frames: 7 };
  const plan = planGraph(fuse(graph.build()), shape, context.capabilities, {
    hiddenActivation: 'gelu',
    weightFormat: 'f32',
  });
  expect(plan.steps.map(({ name }) => name)).toEqual(['sum', 'scores', 'act']);

  const [xs, ys] = [random.normals(items * inputs), random.normals(items * inputs)];
  // Rows of weights and biases past the outputs are zeros, as a model's are.
  const weights = new Float32Array(8 * inputs);
  weights.set(random.normals(outputs * inputs));
  const biases = new Float32Array(8);
  biases.set(random.normals(outputs));
  const session = new Session(
    context,
    new Map([
      ['w', weight(weights)],
      ['b', weight(biases)],
    ]),
  );
  try {
    const found = await session.run(
      plan,
      new Map([
        ['x', Float32Array.from(xs)],
        ['y', Float32Array.from(ys)],
      ]),
    );
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
    expectClose(found.outputs.get('scores') ?? new Float32Array(), expected, 'scores');
    expectClose(
      found.outputs.get('activated') ?? new Float32Array(),
      expected.map((score, i) => (i % 8 < outputs ? sigmoid(score) : 0)),
      'activated scores, padding 0',
    );
  } finally {
    await session.dispose();
  }
});
