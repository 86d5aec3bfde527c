/** Runs a kernel on its known answer before a model may use it. */
import { UniSpeechError } from '../src/base/errors.ts';
import type { GpuContext } from '../src/gpu/context.ts';
import { runCall } from '../src/gpu/run-call.ts';
import type { PlannedCall } from './recipes.ts';
import { loadAnswer } from './later-answers.ts';
import { compare, isRight } from './reference/kernel-case.ts';

const sameBits = (a: Float32Array<ArrayBuffer>, b: Float32Array<ArrayBuffer>): boolean => {
  const others = new Uint32Array(b.buffer);
  return new Uint32Array(a.buffer).every((word, index) => word === others[index]);
};

/**
 * Runs the kernel of a call twice. Both runs must give the same bits and the right answer.
 * @returns the fault in one sentence, or undefined.
 * @throws UniSpeechError `device-lost` or `out-of-memory`, which say nothing about the kernel.
 */
export async function findFault(
  context: GpuContext,
  { kernel, recipe }: PlannedCall,
): Promise<string | undefined> {
  try {
    await context.pipelines.compile(kernel);
    const { call, buffers, expected } = await loadAnswer(recipe, context.capabilities);
    const [first, second] = await Promise.all([
      runCall(context, call, buffers),
      runCall(context, call, buffers),
    ]);
    const on = `on this adapter (${context.capabilities.adapter})`;
    if (!isRight(compare(first, expected))) return `The kernel ${kernel.name} computes wrongly ${on}.`;
    if (!sameBits(first, second)) return `The kernel ${kernel.name} gives other results each time ${on}.`;
    return undefined;
  } catch (error) {
    const reason = await context.explain(error);
    if (!(reason instanceof UniSpeechError) || !['shader-failed', 'limit-exceeded'].includes(reason.code))
      throw reason;
    return reason.sentence;
  }
}
