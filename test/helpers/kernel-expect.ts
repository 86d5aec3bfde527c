/** Runs kernel cases on a GPU and holds their output against the float64 reference. */
import { expect } from 'vitest';
import { compare, isRight, type Comparison, type KernelCase } from '../../kernels/reference/kernel-case.ts';
import type { GpuContext } from '../../src/gpu/context.ts';
import { runCall } from '../../src/gpu/run-call.ts';

/** Runs a case, fails the test unless every element is right, and returns what the kernel wrote. */
export async function expectRight(
  context: GpuContext,
  { name, call, buffers, expected }: KernelCase,
  what = '',
): Promise<Float32Array> {
  const actual = await runCall(context, call, buffers);
  expectClose(actual, expected, `${name} ${what}`);
  return actual;
}

export function expectClose(actual: Float32Array, expected: Float64Array, what: string): Comparison {
  const comparison = compare(actual, expected);
  expect(isRight(comparison), `${what}: ${JSON.stringify(comparison)}`).toBe(true);
  return comparison;
}

/** The bits of an output, so that equal means equal and NaN equals itself. */
export const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);
