/** Times several calls that do the same work on the same buffers, in interleaved rounds, and tells the fastest. */
import type { GpuContext } from '../gpu/context.ts';
import type { KernelCall } from '../gpu/kernel.ts';
import { StepTimer } from '../gpu/step-timer.ts';

/** The span of one measurement: many steps of coarse timestamps (browsers round to 0.1 ms), much more than a submit costs. */
const TIMESTAMP_SPAN_MS = 3;
const HOST_SPAN_MS = 15;
const MAX_REPEATS = 512;
const ROUNDS = 5;
/** A call whose first run takes so many times the shortest is not timed further. */
const HOPELESS = 3;
/** First runs that are all measured further: so short ones say little. */
const SHORT_MS = 0.3;

export interface BoundCall {
  readonly call: KernelCall;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

export interface TimeOptions {
  /** Looked at before every submit. */
  readonly signal: AbortSignal;
  /** Where the first run of the first call takes longer, nothing more is done. */
  readonly limitMilliseconds: number;
}

/**
 * @returns for each call the milliseconds of a dispatch in every round, or of one run where that took far too long;
 * undefined beyond the limit.
 * @throws the signal's reason.
 */
export async function timeCalls(
  { device, capabilities }: GpuContext,
  calls: readonly BoundCall[],
  { signal, limitMilliseconds }: TimeOptions,
): Promise<readonly (readonly number[])[] | undefined> {
  const timer = capabilities.timestamps ? StepTimer.create(device, 1) : undefined;
  /** Milliseconds of one of so many dispatches. */
  const time = async ({ call, pipeline, bindGroup }: BoundCall, repeats: number): Promise<number> => {
    signal.throwIfAborted();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(timer?.pass(0));
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    for (let i = 0; i < repeats; i++) pass.dispatchWorkgroups(...call.workgroups);
    pass.end();
    timer?.resolve(encoder);
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    const [step] = (await timer?.read(0)) ?? [];
    if (!step) await device.queue.onSubmittedWorkDone();
    return (step ? step.nanoseconds / 1e6 : performance.now() - start) / repeats;
  };
  try {
    const firsts: number[] = [];
    for (const call of calls) {
      firsts.push(await time(call, 1));
      if ((firsts[0] ?? 0) > limitMilliseconds) return undefined;
    }
    const shortest = Math.min(...firsts);
    const fastest = calls[firsts.indexOf(shortest)];
    const span = timer ? TIMESTAMP_SPAN_MS : HOST_SPAN_MS;
    let repeats = 1;
    while (fastest && repeats < MAX_REPEATS) {
      const took = (await time(fastest, repeats)) * repeats;
      if (took >= span) break;
      const factor = Math.min(8, Math.max(2, (1.2 * span) / took));
      repeats = Math.min(MAX_REPEATS, Math.ceil(repeats * factor));
    }
    const longest = Math.max(HOPELESS * shortest, SHORT_MS);
    const times = firsts.map((first, index) => (index === 0 || first <= longest ? [] : [first]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, call] of calls.entries()) {
        const own = times[index];
        if (own?.length === round) own.push(await time(call, repeats));
      }
    }
    signal.throwIfAborted();
    return times;
  } finally {
    timer?.destroy();
  }
}

/** Another than the first one must take less than this part of its time: noise must not decide. */
const CLEARLY_FASTER = 0.95;

/** The index of the fastest by the median of its ratios to the first one, which stays unless that is clear. */
export function indexOfFastest(times: readonly (readonly number[])[]): number {
  const [first = []] = times;
  let best = 0;
  let least = CLEARLY_FASTER;
  times.forEach((own, index) => {
    // A clock that stands still gives NaN, which is less than nothing.
    const ratio = median(own.map((milliseconds, round) => milliseconds / (first[round] ?? NaN)));
    if (own.length === first.length && ratio < least) [best, least] = [index, ratio];
  });
  return best;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
