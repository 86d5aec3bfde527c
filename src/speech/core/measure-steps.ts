/** Measures variants of matrix products with a model that is being loaded, within the time that a load has for it. */
import { abortable, abortWith } from '../../base/abortable.ts';
import type { GpuContext } from '../../gpu/context.ts';
import type { Plan } from '../../graph/plan.ts';
import type { Session } from '../../graph/session.ts';
import type { TunableStep } from '../../graph/tunable-steps.ts';
import { measureStep, prepareVariants, type GemmTrial } from '../../graph/tune-gemms.ts';

/** The parts of a load that measuring needs. */
export interface TuneLoad {
  /** With static choices. @throws where the adapter is too small. */
  readonly planClip: (seconds: number) => Plan;
  readonly loading: Promise<{ readonly session: Session }>;
  readonly signal: AbortSignal | undefined;
  /** Called before anything is measured. */
  readonly onMeasure: () => void;
}

/** The time budget of `'auto'`. Some work ends later, and the total must stay below a second. */
const AUTO_BUDGET_MS = 800;
/** How long `'auto'` waits for variants that still compile. Then it measures those that are ready. */
const AUTO_COMPILE_MS = 400;

export interface MeasuringOptions extends Pick<TuneLoad, 'loading' | 'signal' | 'onMeasure'> {
  /** Whether it may take as long as it takes. */
  readonly isFull: boolean;
}

/**
 * Compiles and checks the variants while the weights load, then measures them.
 * @returns what could be measured; undefined where the device was lost.
 * @throws the signal's reason, or the errors of `loading`. Nothing is pending then.
 */
export async function measureSteps(
  context: GpuContext,
  steps: readonly TunableStep[],
  { isFull, loading, signal, onMeasure }: MeasuringOptions,
): Promise<readonly GemmTrial[] | undefined> {
  const ready = new Set<string>();
  const trials: GemmTrial[] = [];
  const over = new AbortController();
  const compiling = prepareVariants(context, steps, ready, over.signal);
  let measuring: Promise<void> | undefined;
  // The device must stay while something is under way that nobody waits for.
  context.retain();
  const settle = async (): Promise<void> => {
    over.abort();
    await Promise.allSettled([compiling, measuring]);
    context.release();
  };
  try {
    const { session } = await loading;
    onMeasure();
    const stop = abortWith(over, signal, isFull ? undefined : AbortSignal.timeout(AUTO_BUDGET_MS));
    const deadline = isFull ? Infinity : performance.now() + AUTO_BUDGET_MS;
    const options = { ready, signal: stop, deadline };
    const measure = async (): Promise<void> => {
      await abortable(compiling, isFull ? undefined : AbortSignal.timeout(AUTO_COMPILE_MS)).catch(
        () => undefined,
      );
      for (const step of steps) {
        const trial = await measureStep(context, session, step, options).catch(() => undefined);
        if (stop.aborted || context.isLost) break;
        if (trial) trials.push(trial);
      }
      await session.trim();
    };
    measuring = measure();
    await abortable(measuring, stop).catch(() => undefined);
    signal?.throwIfAborted();
  } catch (error) {
    await settle();
    throw error;
  }
  void settle();
  return context.isLost ? undefined : trials;
}
