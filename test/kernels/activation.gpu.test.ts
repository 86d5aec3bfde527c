/** Every activation that a config can name, run through the layer norm kernel with gamma 0 and beta x. */
import { afterAll, describe, expect, test } from 'vitest';
import { activationNamed, activationNames, ACTIVATIONS } from '../../kernels/activation.ts';
import { planLayerNorm } from '../../kernels/layer-norm.ts';
import { ACTIVATION_REFERENCES } from '../../kernels/reference/activation.ts';
import { UNUSED } from '../../kernels/reference/kernel-case.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import { runCall } from '../../src/gpu/run-call.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectClose } from '../helpers/kernel-expect.ts';

const context = await openTestContext();
afterAll(() => context.release());

const GRID = Float32Array.from({ length: 2401 }, (_, i) => (i - 1200) / 100);
const TINY = Float32Array.from({ length: 200 }, (_, i) => (i - 99.5) * 1e-5);
const HOSTILE = Float32Array.of(
  -1e4,
  -100,
  -88,
  -40,
  -20,
  -15,
  -0.25,
  -1e-3,
  0,
  1e-3,
  0.25,
  15,
  20,
  40,
  88,
  100,
  1e4,
);

async function activated(activation: (typeof ACTIVATIONS)[number], x: Float32Array): Promise<Float32Array> {
  const spec = {
    rows: 1,
    channels: x.length,
    epsilon: 1e-5,
    hasResidual: false,
    hasAffine: true,
    activation,
    hasActivation: true,
    outOffset: 0,
  };
  const length = ceil4(x.length);
  const buffers = [new Float32Array(length), UNUSED, new Float32Array(x.length), x, length];
  const out = await runCall(context, planLayerNorm(spec, context.capabilities), buffers);
  return out.subarray(0, x.length);
}

const expectedOf = (activation: (typeof ACTIVATIONS)[number], x: Float32Array): Float64Array =>
  Float64Array.from(x, ACTIVATION_REFERENCES[activation]);

describe.each(ACTIVATIONS)('%s', (activation) => {
  test('a dense grid and numbers near 0', async () => {
    for (const x of [GRID, TINY]) {
      const expected = expectedOf(activation, x);
      const { largestError } = expectClose(await activated(activation, x), expected, activation);
      const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      expect(largestError).toBeLessThan(2e-6 * largest + 2e-7);
    }
  });

  test('hostile numbers', async () => {
    const expected = expectedOf(activation, HOSTILE);
    const actual = await activated(activation, HOSTILE);
    actual.forEach((value, i) => {
      const right = expected[i] ?? NaN;
      const error = Math.abs(value - right);
      expect(error, `x = ${HOSTILE[i] ?? NaN}: ${value}, expected ${right}`).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(right)),
      );
    });
  });
});

test('gelu is good to 2e-7 of max(1, |x|), and near 0 to 2e-6 of |x|', async () => {
  const check = async (inputs: Float32Array, boundOf: (size: number) => number): Promise<void> => {
    const actual = await activated('gelu', inputs);
    const expected = expectedOf('gelu', inputs);
    inputs.forEach((x, i) => {
      const error = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
      expect(error, `x = ${x}`).toBeLessThanOrEqual(boundOf(Math.abs(x)));
    });
  };
  await check(GRID, (size) => 2e-7 * Math.max(1, size));
  await check(HOSTILE, (size) => 2e-7 * Math.max(1, size));
  await check(TINY, (size) => 2e-6 * size);
});

test('gelu of NaN is NaN, so that spoilt weights show', async () => {
  expect(await activated('gelu', Float32Array.of(NaN))).toEqual(Float32Array.of(NaN));
});

test('the tail of gelu does not cancel', async () => {
  const x = GRID.filter((value) => value <= -3);
  for (const activation of ['gelu', 'gelu_10', 'gelu_new', 'quick_gelu', 'silu', 'mish'] as const) {
    const actual = await activated(activation, x);
    const expected = expectedOf(activation, x);
    actual.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(5e-7));
  }
});

test('every name of a config leads to one of them', () => {
  expect(new Set(activationNames().map(activationNamed))).toEqual(new Set(ACTIVATIONS));
});
