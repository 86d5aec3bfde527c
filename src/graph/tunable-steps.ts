/** The products of a model whose variants are worth measuring: one for each size class. */
import { gemmSizeClass, type GemmCall } from '../../kernels/gemm.ts';
import { isGemm } from '../../kernels/recipes.ts';
import type { Plan } from './plan.ts';
import type { PlanStep } from './plan-builder.ts';

/** The product that represents its size class. */
export interface TunableStep {
  readonly sizeClass: string;
  readonly step: PlanStep;
  /** The call with its static choice. */
  readonly call: GemmCall;
  readonly plan: Plan;
}

/**
 * Picks one step per size class: the heaviest in the first clip that has the class.
 * @param planClip plans with static choices, or throws if a clip is too long.
 */
export function tunableSteps(
  clipSeconds: readonly number[],
  planClip: (seconds: number) => Plan,
): readonly TunableStep[] {
  const found = new Map<string, TunableStep>();
  for (const seconds of clipSeconds) {
    let plan: Plan;
    try {
      plan = planClip(seconds);
    } catch {
      continue;
    }
    for (const step of [...plan.steps].sort((a, b) => b.call.flops - a.call.flops)) {
      const { call } = step;
      if (!isGemm(call)) continue;
      const sizeClass = gemmSizeClass(call.spec);
      if (!found.has(sizeClass)) found.set(sizeClass, { sizeClass, step, call, plan });
    }
  }
  return [...found.values()];
}
