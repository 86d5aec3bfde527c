/**
 * Cuts long runs into submits of bounded work. A submit that keeps the GPU busy for seconds freezes the screen that
 * the same GPU draws. Drivers and browsers reset a GPU that does not answer. Submitted work cannot be cancelled.
 */
import type { KernelCall } from './kernel.ts';

/** A byte of memory traffic costs about as much as this many arithmetic operations. */
const OPERATIONS_PER_BYTE = 4;

/** The estimated work of one dispatch, in arithmetic operations. */
export const workOf = ({ flops, byteCount }: KernelCall): number => flops + OPERATIONS_PER_BYTE * byteCount;

/** The end (exclusive) of the submit that begins with step `start`: as many steps as fit the budget, at least one. */
export function submitEnd(works: readonly number[], start: number, budget: number): number {
  let end = start + 1;
  for (let sum = works[start] ?? 0; end < works.length; end++) {
    sum += works[end] ?? 0;
    if (sum > budget) break;
  }
  return Math.min(end, works.length);
}

/** How long one submit should take: short enough for watchdogs and pages, long enough to make its overhead small. */
const TARGET_MS = 150;
/** Submits up to this long do not lower the budget, so that a busy moment of the machine changes nothing. */
const TOLERATED_MS = 2 * TARGET_MS;
/** The budget for an unknown device: 0.2 s at the 10 GFLOP/s of a slow software adapter. */
const FIRST_BUDGET = 2e9;
const SMALLEST_BUDGET = 1e8;

/** The work per submit on one device, learnt from previous submits. Only the cuts depend on it, never a result. */
export class SubmitPace {
  #budget: number;
  readonly #fixedBudget: number | undefined;

  /** @param fixedBudget always cut at this much work, and learn nothing. */
  constructor(fixedBudget?: number) {
    this.#fixedBudget = fixedBudget;
    this.#budget = fixedBudget ?? FIRST_BUDGET;
  }

  get budget(): number {
    return this.#budget;
  }

  /** Records how long a submit of this work took. A short one can only raise the budget, because much of its time may be waiting. */
  learn(work: number, milliseconds: number): void {
    if (this.#fixedBudget !== undefined) return;
    const fitting = (work * TARGET_MS) / Math.max(milliseconds, 0.1);
    if (fitting > this.#budget || milliseconds > TOLERATED_MS)
      this.#budget = Math.max(SMALLEST_BUDGET, fitting);
  }
}
