/** Measures the fastest variant of the matrix product on this adapter, for the size classes of a model's products. */
import { findFault } from '../../kernels/find-fault.ts';
import { gemmCandidates, planGemm, type GemmCall } from '../../kernels/gemm.ts';
import type { GpuContext } from '../gpu/context.ts';
import type { Plan } from './plan.ts';
import type { Session } from './session.ts';
import type { TunableStep } from './tunable-steps.ts';

/** The measurements of one size class. */
export interface GemmTrial {
  readonly sizeClass: string;
  readonly call: GemmCall;
  /** Variant → milliseconds per dispatch: the median of the rounds, or the first run if that was far too slow. */
  readonly milliseconds: Readonly<Record<string, number>>;
  /** The variant to use from now on. */
  readonly chosen: string;
}

const variantName = ({ recipe }: GemmCall): string => recipe.variant.name;

/** The calls of a product, one per variant that can run here. */
const callsOf = ({ call: { spec } }: TunableStep, { capabilities }: GpuContext): readonly GemmCall[] =>
  gemmCandidates(spec, capabilities).map((variant) => planGemm(spec, capabilities, variant));

/**
 * Compiles every variant, step by step, and tests it on its known answer. The sources of variants that pass go into `ready`.
 * Begins no step after the signal.
 */
export async function prepareVariants(
  context: GpuContext,
  steps: readonly TunableStep[],
  ready: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  for (const step of steps) {
    if (signal.aborted) return;
    await Promise.allSettled(
      callsOf(step, context).map(async (call) => {
        const fault = await context.trust.faultOf(call.kernel, () => findFault(context, call));
        if (fault === undefined) ready.add(call.kernel.source);
      }),
    );
  }
}

/**
 * A product is repeated until its static choice takes this long, up to `MAX_REPEATS` times. That is many steps of coarse timestamps
 * (browsers round to 0.1 ms). The host's clock includes the submit, so its span is much longer than a submit takes.
 */
const TIMESTAMP_SPAN_MS = 3;
const HOST_SPAN_MS = 15;
const MAX_REPEATS = 256;
const ROUNDS = 5;
/** A variant whose first run takes this many times the shortest is not measured further, unless all are short. */
const HOPELESS = 3;
const SHORT_MS = 0.5;
/** No variant is expected to take more than this many times the static choice. */
const WORST = 20;

/**
 * Times the variants of a product in interleaved rounds, on the weights and the activations of the session.
 * @param options.ready sources that passed their test.
 * @param options.deadline in milliseconds of `performance.now()`. Submitted work cannot be cancelled, so nothing is submitted that may
 * end later.
 * @returns undefined if too little time is left, or if no variant is ready to be compared.
 * @throws the errors of `Session.run`.
 */
export async function measureStep(
  context: GpuContext,
  session: Session,
  tunable: TunableStep,
  options: {
    readonly ready: ReadonlySet<string>;
    readonly signal: AbortSignal;
    readonly deadline: number;
  },
): Promise<GemmTrial | undefined> {
  const { sizeClass, step, call: usual, plan } = tunable;
  const { ready, signal, deadline } = options;
  const others = callsOf(tunable, context).filter(({ kernel }) => kernel.source !== usual.kernel.source);
  const calls = [usual, ...others].filter(({ kernel }) => ready.has(kernel.source));
  if (calls[0] !== usual || calls.length === 1) return undefined;

  const repeated = (call: GemmCall, count: number): Plan => ({
    ...plan,
    steps: Array.from({ length: count }, () => ({ ...step, call })),
    inputs: new Map(),
    outputs: new Map(),
  });
  /** Measures the dispatches of a plan, in milliseconds. */
  const time = async (repeats: Plan): Promise<number> => {
    const { stepTimes, spans } = await session.run(repeats, new Map(), { timing: true, signal });
    const [first, last] = [stepTimes?.[0], stepTimes?.at(-1)];
    if (first && last) return last.startMilliseconds - first.startMilliseconds + last.nanoseconds / 1e6;
    // The run reads nothing back, so it may end before the GPU does. Its spans begin when the plan is bound.
    await context.device.queue.onSubmittedWorkDone();
    return performance.now() - (spans[0]?.start ?? NaN);
  };

  const firsts: number[] = [];
  for (const call of calls) {
    firsts.push(await time(repeated(call, 1)));
    if ((firsts[0] ?? 0) * WORST > deadline - performance.now()) return undefined;
  }
  const longest = Math.max(HOPELESS * Math.min(...firsts), SHORT_MS);
  const span = context.capabilities.timestamps ? TIMESTAMP_SPAN_MS : HOST_SPAN_MS;
  let repeats = 1;
  while (repeats < MAX_REPEATS && (await time(repeated(usual, repeats))) < span) repeats *= 2;
  const runs = calls.map((call, index) => ({
    call,
    first: firsts[index] ?? NaN,
    plan: repeated(call, repeats),
    times: [] as number[],
  }));
  for (let round = 0; round < ROUNDS; round++)
    for (const run of runs)
      if (run.call === usual || run.first <= longest) run.times.push((await time(run.plan)) / repeats);
  return {
    sizeClass,
    call: usual,
    milliseconds: Object.fromEntries(
      runs.map(({ call, first, times }) => [variantName(call), median(times) ?? first]),
    ),
    chosen: variantName(calls[indexOfFastest(runs.map(({ times }) => times))] ?? usual),
  };
}

/** Another variant must take less than this part of the first one's time, so that noise does not decide. */
const CLEARLY_FASTER = 0.95;

/** The index of the fastest variant by the median of its ratios to the first one. The first one stays unless another is clearly faster. */
export function indexOfFastest(times: readonly (readonly number[])[]): number {
  let best = 0;
  let least = CLEARLY_FASTER;
  times.forEach((own, index) => {
    // A clock that stands still gives NaN, and comparisons with NaN are false.
    const ratio = median(own.map((milliseconds, round) => milliseconds / (times[0]?.[round] ?? NaN)));
    if (ratio !== undefined && ratio < least) [best, least] = [index, ratio];
  });
  return best;
}

const median = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[values.length >> 1];
