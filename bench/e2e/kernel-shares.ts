/** Where the GPU's time goes: the steps of a run grouped by kernel. */
import type { KernelStep } from './engine.ts';

export interface KernelShare {
  readonly kernel: string;
  readonly stepCount: number;
  readonly nanoseconds: number;
  /** Of the time of all steps, 0 to 1. */
  readonly share: number;
  readonly flops: number;
}

/** A kernel's name without sizes: `gemm_16x32_subgroup8_gelu` is `gemm_subgroup_gelu`. */
export function kernelFamily(name: string): string {
  return name
    .split('_')
    .filter((part) => !/^(\d|head\d)/.test(part))
    .map((part) => part.replace(/^subgroup\d+$/, 'subgroup'))
    .join('_');
}

/** Largest share first. */
export function kernelShares(steps: readonly KernelStep[]): KernelShare[] {
  const total = steps.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
  const families = new Map<string, KernelStep[]>();
  for (const step of steps) {
    const family = kernelFamily(step.kernel);
    families.set(family, [...(families.get(family) ?? []), step]);
  }
  return [...families]
    .map(([kernel, members]) => {
      const nanoseconds = members.reduce((sum, step) => sum + step.nanoseconds, 0);
      return {
        kernel,
        stepCount: members.length,
        nanoseconds,
        share: total > 0 ? nanoseconds / total : 0,
        flops: members.reduce((sum, step) => sum + step.flops, 0),
      };
    })
    .sort((a, b) => b.nanoseconds - a.nanoseconds);
}
