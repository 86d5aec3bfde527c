/** Groups the steps of a run by kernel, to show where the GPU's time goes. */
import { badInput } from '../base/option-checks.ts';
import type { TimedStep } from '../speech/core/batch-parts.ts';
import { checkSteps } from './check-profile.ts';

export interface KernelShare {
  /** The kernel's family: its name without sizes. */
  readonly kernel: string;
  readonly stepCount: number;
  readonly nanoseconds: number;
  /** Share of the time of all steps, 0 to 1. */
  readonly share: number;
  readonly flops: number;
  readonly byteCount: number;
}

/** The input of shares: steps of a profile, or steps of a plan with 0 nanoseconds. */
export type CountedStep = Pick<TimedStep, 'kernel' | 'nanoseconds' | 'flops' | 'byteCount'>;

/** A kernel's name without sizes: `gemm_16x32_subgroup8_gelu` is `gemm_subgroup_gelu`. @throws UniSpeechError `bad-input`. */
export function kernelFamily(name: string): string {
  if (typeof (name as unknown) !== 'string') throw badInput('The name of a kernel', name, 'a string');
  return name
    .split('_')
    .filter((part) => !/^(\d|head\d)/.test(part))
    .map((part) => part.replace(/^subgroup\d+$/, 'subgroup'))
    .join('_');
}

/** Returns the largest share first, or the most work first without times. @throws UniSpeechError `bad-input` for anything but steps. */
export function kernelShares(steps: readonly CountedStep[]): KernelShare[] {
  checkSteps(steps);
  const total = steps.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
  const families = new Map<string, CountedStep[]>();
  for (const step of steps) {
    const family = kernelFamily(step.kernel);
    families.set(family, [...(families.get(family) ?? []), step]);
  }
  return [...families]
    .map(([kernel, members]) => {
      const sum = (key: 'nanoseconds' | 'flops' | 'byteCount'): number =>
        members.reduce((subtotal, step) => subtotal + step[key], 0);
      const nanoseconds = sum('nanoseconds');
      return {
        kernel,
        stepCount: members.length,
        nanoseconds,
        share: total > 0 ? nanoseconds / total : 0,
        flops: sum('flops'),
        byteCount: sum('byteCount'),
      };
    })
    .sort((a, b) => b.nanoseconds - a.nanoseconds || b.flops - a.flops);
}
