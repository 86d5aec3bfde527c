/** Makes plans whose kernels passed their tests on this device. */
import { findFault } from '../../kernels/find-fault.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { WarningCallback } from '../base/files.ts';
import type { GpuContext } from '../gpu/context.ts';
import type { Kernel } from '../gpu/kernel.ts';
import type { Plan } from './plan.ts';

/**
 * Tests each kernel of a plan on a known answer, once per device. A variant that fails is dropped and reported, and the
 * plan is made again without it, until all kernels pass.
 * @param makePlan makes a plan for the context's current capabilities.
 * @throws UniSpeechError `shader-failed` if a kernel fails that has no other variant.
 */
export async function trustedPlan(
  context: GpuContext,
  makePlan: () => Plan,
  warn: WarningCallback,
): Promise<Plan> {
  const { trust } = context;
  let plan = makePlan();
  for (;;) {
    if (trust.plans.has(plan)) return plan;
    const { capabilities } = context;
    const calls = new Map(plan.steps.map(({ call }) => [call.kernel.source, call]));
    const faults = await Promise.all(
      [...calls.values()].map(async (call) => ({
        kernel: call.kernel,
        fault: await trust.faultOf(call.kernel, () => findFault(context, call)),
      })),
    );
    const dropped: { readonly kernel: Kernel; readonly fault: string }[] = [];
    for (const { kernel, fault } of faults) {
      if (fault === undefined) continue;
      const { variant } = kernel;
      if (variant === undefined || capabilities.distrusted?.includes(variant)) {
        throw new UniSpeechError(
          'shader-failed',
          fault,
          'Update the graphics driver or use another adapter, and please report this.',
        );
      }
      if (context.distrust(variant)) dropped.push({ kernel, fault });
    }
    if (faults.every(({ fault }) => fault === undefined)) {
      trust.plans.add(plan);
      return plan;
    }
    const next = makePlan();
    for (const { kernel, fault } of dropped) {
      const step = plan.steps.findIndex(({ call }) => call.kernel.source === kernel.source);
      const replacement = next.steps[step]?.call.kernel.name ?? '';
      trust.noteReplacement(kernel, replacement);
      warn('kernel-dropped', `${fault} The kernel ${replacement} is used instead.`);
    }
    plan = next;
  }
}
